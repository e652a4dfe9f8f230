//! A panic in one connection ends that connection, and no other one.
//!
//! ```text
//!   the driver's work ─► a connection, behind its mutex ─► panics ─► the mutex is poisoned
//!            ▲                                                              │
//!            └── goes on with everybody else ◄── locked again, it gives up ◄┘
//! ```
//!
//! Nothing is caught for each datagram: a round of work is one attempt, and who panicked is found
//! afterwards. What the driver had read and not fed yet is lost, as in a network.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::driver::Driver;

impl Driver {
    /// Does some work that calls into connections. `None`: one of them has panicked; it is over, and
    /// the rest of the work was not done.
    ///
    /// A panic that is no connection's goes on: then the driver itself has a defect.
    pub(super) fn isolate<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let before = self.shared.counters.panicked.read();
        // The connection that panicked is not looked into again. The driver's own lists are whole
        // whenever it calls into one, but for the datagram that was being pulled.
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Ok(done) => Some(done),
            Err(panic) => {
                self.outbox.forget_unfinished();
                self.give_up_the_poisoned();
                if self.shared.counters.panicked.read() == before {
                    resume_unwind(panic);
                }
                None
            }
        }
    }

    fn give_up_the_poisoned(&self) {
        let poisoned: Vec<_> = {
            let mailbox = self.shared.mailbox();
            let all = self.peers.iter().chain(&self.dirty).chain(&mailbox.dirty);
            all.filter(|connection| connection.is_poisoned()).map(Arc::clone).collect()
        };
        for connection in poisoned {
            drop(connection.lock());
        }
    }
}

#[cfg(test)]
mod tests;
