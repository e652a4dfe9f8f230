//! What goes out first, RFC 8445 §6.1.4.2.

use sansio::{Instant, Path, Transmit};

use crate::State;
use crate::agent::machine::Agent;

impl Agent {
    /// What relays are asked goes first: checks that go through them need their permission.
    pub(super) fn transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        loop {
            if let Some(transmit) = self.transmit_to_servers(now, buf) {
                // A closed agent waits for no answer.
                if self.state != State::Closed {
                    self.schedule(now);
                }
                return Some(transmit);
            }
            let transmit = self.transmit_to_peer(now, buf)?;
            if let Some(transmit) = self.relayed(transmit, buf) {
                return Some(transmit);
            }
        }
    }

    /// Responses, then triggered checks: both go at once. Then what a timer has released, and extra
    /// checks for what none of these could carry.
    fn transmit_to_peer(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        if let Some(response) = self.send_response(now, buf) {
            return Some(response);
        }
        let is_due = self.timers.is_due(now) || self.extra_pair().is_some();
        if self.current.triggered.is_empty() && !is_due {
            return None;
        }
        self.settle(now);
        let transmit = self
            .send_triggered(now, buf)
            .or_else(|| self.send_retransmission(now, buf))
            .or_else(|| self.send_recheck(now, buf))
            .or_else(|| self.send_consent(now, buf))
            .or_else(|| self.send_ordinary(now, buf))
            .or_else(|| self.send_backup(now, buf))
            .or_else(|| self.send_extra(now, buf));
        self.schedule(now);
        transmit
    }

    fn send_triggered(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        // A pair may have been pruned since.
        while let Some(id) = self.current.triggered.pop_front() {
            if let Some(transmit) = self.send_check(now, id, buf) {
                return Some(transmit);
            }
        }
        None
    }

    fn send_ordinary(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        if now < self.next_ordinary {
            return None;
        }
        let id = self.next_in_line()?;
        self.next_ordinary = now + self.config.pace;
        self.send_check(now, id, buf)
    }
}
