//! The association as a machine.

use sansio::{Datagram, Instant, Machine, Transmit};

use super::state::Association;
use super::timers::Timer;
use crate::error::Discard;
use crate::event::Event;

impl Machine for Association {
    type Path = ();
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, ()>) -> Result<(), Discard> {
        let result = self.handle_packet(now, input.data);
        match &result {
            Ok(()) => self.counters.packets_received += 1,
            Err(discard) => {
                self.counters.packets_discarded += 1;
                tracing::trace!(%discard, "packet discarded");
            }
        }
        result
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.expire(now) {
            match timer {
                Timer::Init => self.retransmit_init(now),
                Timer::Shutdown => self.retransmit_shutdown(now),
                Timer::Retransmit => self.t3_expired(now),
                Timer::Reorder => self.detect_losses(now),
                Timer::Probe => self.probe_expired(now),
                // It was to call poll_transmit.
                Timer::Pace => {}
                Timer::ShutdownGuard => self.shutdown_took_too_long(),
                Timer::Ack => self.ack.due = true,
                Timer::Heartbeat => self.heartbeat_expired(now),
                Timer::ReConfig => self.retransmit_re_config(now),
                Timer::PathMtu => self.path_mtu_expired(now),
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        self.transmit(now, buf)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }
}
