//! One machine of a pair with everything that its shell works on.

use sansio::{Datagram, Instant, Machine};

use crate::pair::Alarms;
use crate::{Direction, Ends, Link, Schedule, SeededRng, Trace};

/// So many datagrams in one drain mean that the machine never stops.
const MAX_DATAGRAMS_IN_A_DRAIN: usize = 1_000_000;
/// The transmit buffer is begun anew beyond this many bytes.
const BUFFER: usize = 1 << 16;

pub(crate) struct Side<'p, M: Machine> {
    pub(crate) now: Instant,
    /// The way of what the machine sends.
    pub(crate) direction: Direction,
    pub(crate) machine: &'p mut M,
    pub(crate) events: &'p mut Vec<M::Event>,
    pub(crate) discards: &'p mut Vec<M::Discard>,
    pub(crate) outgoing: &'p mut Link<M::Path>,
    pub(crate) incoming: &'p mut Link<M::Path>,
    pub(crate) alarms: &'p mut Alarms,
    pub(crate) schedule: Schedule,
    pub(crate) damaged_copies_used: &'p mut u64,
    pub(crate) trace: &'p mut Trace,
    pub(crate) rng: &'p mut SeededRng,
    pub(crate) buf: &'p mut Vec<u8>,
}

impl<M: Machine<Path: Ends>> Side<'_, M> {
    /// Hands over what has arrived and calls the timer if it is due, or for no reason.
    pub(crate) fn serve(mut self, spurious: bool) {
        self.set_alarms();
        if self.alarms.arrival.has_rung(self.now) {
            self.alarms.arrival.clear();
            while self.receive() {
                if self.rng.chance(self.schedule.drain_between) {
                    self.drain();
                }
            }
        }
        if spurious || self.alarms.timer.has_rung(self.now) {
            self.machine.handle_timeout(self.now);
            self.drain();
            self.check_patience();
            self.alarms.timer.clear();
        }
        self.flush();
    }

    /// Drains the machine and notes when it wants to be served next.
    pub(crate) fn flush(&mut self) {
        self.drain();
        self.set_alarms();
    }

    pub(crate) fn set_alarms(&mut self) {
        let Schedule { late_timers, late_inputs, .. } = self.schedule;
        self.alarms.timer.set(self.machine.poll_timeout(), late_timers, self.rng);
        self.alarms.arrival.set(self.incoming.poll_timeout(), late_inputs, self.rng);
    }

    /// Hands over the next datagram that has arrived, if there is one.
    fn receive(&mut self) -> bool {
        let received = self.incoming.poll_timeout();
        self.buf.clear();
        let Some(arrived) = self.incoming.poll_transmit(self.now, self.buf) else { return false };
        let path = arrived.path.arriving();
        let received = received.unwrap_or(self.now);
        if self.rng.chance(self.schedule.damaged_copies) && !self.buf.is_empty() {
            let mut copy = self.buf.clone();
            let bit = self.rng.below(copy.len() as u64 * 8) as usize;
            copy[bit / 8] ^= 1 << (bit % 8);
            let datagram = Datagram { path, ecn: arrived.ecn, received, data: &mut copy };
            *self.damaged_copies_used +=
                u64::from(self.machine.handle_input(self.now, datagram).is_ok());
        }
        let datagram = Datagram { path, ecn: arrived.ecn, received, data: self.buf };
        if let Err(discard) = self.machine.handle_input(self.now, datagram) {
            self.discards.push(discard);
        }
        true
    }

    /// Takes all datagrams and events that the machine has.
    fn drain(&mut self) {
        self.buf.clear();
        let mut datagrams = 0;
        loop {
            while self.send() {
                datagrams += 1;
                assert!(
                    datagrams < MAX_DATAGRAMS_IN_A_DRAIN,
                    "{}: {datagrams} datagrams in one drain at {}",
                    self.name(),
                    self.now
                );
            }
            let Some(event) = self.machine.poll_event() else { return };
            self.events.push(event);
        }
    }

    /// Takes one datagram. Like a shell that wants to send many at once it pulls them all into one
    /// buffer.
    fn send(&mut self) -> bool {
        if self.buf.len() > BUFFER {
            self.buf.clear();
        }
        let start = self.buf.len();
        let Some(transmit) = self.machine.poll_transmit(self.now, self.buf) else {
            assert_eq!(self.buf.len(), start, "{}: sent nothing, yet changed buf", self.name());
            return false;
        };
        let appended = self.buf.len().checked_sub(start);
        assert_eq!(appended, Some(transmit.len), "{}: Transmit::len is wrong", self.name());
        let data = &mut self.buf[start..];
        let addresses = transmit.path.addresses(self.direction);
        self.trace.record(self.now, self.direction, addresses, data);
        let datagram =
            Datagram { path: transmit.path, ecn: transmit.ecn, received: self.now, data };
        if let Err(why) = self.outgoing.handle_input(self.now, datagram) {
            self.trace.dropped(why);
        }
        true
    }

    fn check_patience(&self) {
        if let Some(timeout) = self.machine.poll_timeout() {
            assert!(
                timeout > self.now,
                "{}: handle_timeout at {} and a full drain left poll_timeout at {timeout}, which is \
                 not in the future: a shell would spin",
                self.name(),
                self.now
            );
        }
    }

    fn name(&self) -> &'static str {
        match self.direction {
            Direction::AToB => "machine a",
            Direction::BToA => "machine b",
        }
    }
}
