//! Two peers and the wires between them, in virtual time.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use sansio::Instant;

use super::Peer;

/// Virtual time after which a connection counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Some implementations ask to be called at once, again and again: they are called this much
/// later.
const SOON: Duration = Duration::from_micros(100);

pub(in crate::workloads) struct Pair<P: Peer> {
    pub(in crate::workloads) now: Instant,
    pub(in crate::workloads) ends: [End<P>; 2],
    pub(in crate::workloads) datagrams: usize,
    delay: Duration,
    scratch: Vec<P::Datagram>,
}

pub(in crate::workloads) struct End<P: Peer> {
    pub(in crate::workloads) peer: P,
    address: SocketAddr,
    /// What is on its way to this end, with the time of its arrival.
    incoming: VecDeque<(Instant, P::Datagram)>,
}

impl<P: Peer> Pair<P> {
    /// Two peers joined by wires with this delay. Pairs of different numbers have different
    /// addresses.
    pub(in crate::workloads) fn new(
        make: impl Fn(SocketAddr) -> P,
        number: u16,
        delay: Duration,
    ) -> Self {
        let end = |n: u16| {
            let [high, low] = n.to_be_bytes();
            let address = SocketAddr::from(([10, 0, high, low], 5000));
            End { peer: make(address), address, incoming: VecDeque::new() }
        };
        let ends = [end(2 * number), end(2 * number + 1)];
        Self { now: Instant::ZERO, ends, datagrams: 0, delay, scratch: Vec::new() }
    }

    /// Collects what both have to send.
    pub(in crate::workloads) fn flush(&mut self) {
        let arrival = self.now + self.delay;
        for i in 0..2 {
            self.ends[i].peer.output(self.now, &mut self.scratch);
            self.datagrams += self.scratch.len();
            let arrivals = self.scratch.drain(..).map(|datagram| (arrival, datagram));
            self.ends[1 - i].incoming.extend(arrivals);
        }
    }

    /// Delivers what has arrived by now; true if something did.
    pub(in crate::workloads) fn deliver(&mut self) -> bool {
        let (now, mut any) = (self.now, false);
        let addresses = [self.ends[0].address, self.ends[1].address];
        for (end, from) in self.ends.iter_mut().zip([addresses[1], addresses[0]]) {
            while end.incoming.front().is_some_and(|next| next.0 <= now)
                && let Some((_, datagram)) = end.incoming.pop_front()
            {
                end.peer.input(now, from, datagram);
                any = true;
            }
        }
        any
    }

    /// Moves to the next event, no later than `limit`.
    pub(in crate::workloads) fn step(&mut self, limit: Instant) {
        self.flush();
        let (now, mut next) = (self.now, limit);
        for end in &mut self.ends {
            let timer = end.peer.next_timeout();
            let timer = timer.map(|at| if at > now { at } else { now + SOON });
            let arrival = end.incoming.front().map(|next| next.0);
            next = timer.into_iter().chain(arrival).fold(next, Instant::min);
        }
        self.now = now.max(next);
        for end in &mut self.ends {
            end.peer.advance(self.now);
        }
        self.deliver();
        self.flush();
    }

    pub(in crate::workloads) fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        while self.now < until {
            self.step(until);
        }
    }

    /// Offer, answer and everything up to an open channel at both ends; the times when they
    /// opened. Signalling takes as long as the path.
    pub(in crate::workloads) fn connect(&mut self, video: bool) -> Option<[Instant; 2]> {
        let limit = self.now + PATIENCE;
        let offer = self.ends[0].peer.offer(self.now, video);
        self.run_for(self.delay);
        let answer = self.ends[1].peer.answer(self.now, &offer);
        self.run_for(self.delay);
        self.ends[0].peer.accept(self.now, &answer);
        let mut open = [None; 2];
        while self.now < limit {
            for (open, end) in open.iter_mut().zip(&self.ends) {
                if open.is_none() && end.peer.channel_open() {
                    *open = Some(self.now);
                }
            }
            if let [Some(offerer), Some(answerer)] = open
                && (!video || self.ends[0].peer.media_ready())
            {
                return Some([offerer, answerer]);
            }
            self.step(limit);
        }
        None
    }
}
