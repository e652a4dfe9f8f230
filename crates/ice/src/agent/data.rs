//! The way of application data through the agent.

use sansio::{Datagram, Instant, Path};

use crate::agent::machine::Agent;
use crate::{Discard, Route, State};

impl Agent {
    /// Takes off what a relay has put around a datagram, and keeps strangers out. `Ok(None)`: it
    /// was the relay's own business. Until there are relayed candidates, datagrams come back as
    /// they are.
    ///
    /// Every datagram goes through here first. What looks like STUN (a first byte of 0 to 3,
    /// RFC 7983 §7) passes, since [`handle_input`](sansio::Machine::handle_input) judges it.
    ///
    /// # Errors
    ///
    /// [`Discard::UnknownPath`]: application data on a path where the other side has neither
    /// answered a check nor sent an authentic one. [`Discard::Closed`].
    pub fn unwrap<'d>(
        &mut self,
        now: Instant,
        datagram: Datagram<'d, Path>,
    ) -> Result<Option<Datagram<'d, Path>>, Discard> {
        if matches!(datagram.data.first(), Some(0..=3)) {
            return Ok(Some(datagram));
        }
        if self.route.is_some_and(|route| route.path == datagram.path) {
            self.last_heard = now;
            if self.state == State::Disconnected {
                self.settle(now);
            }
            return Ok(Some(datagram));
        }
        let reason = if self.state == State::Closed {
            Discard::Closed
        } else if self.trusts(datagram.path) {
            return Ok(Some(datagram));
        } else {
            Discard::UnknownPath(datagram.path)
        };
        self.counters.discarded.count(&reason);
        Err(reason)
    }

    /// Puts a relay's wrapping around the datagram in `packet`, whose first [`Route::head`] bytes
    /// were left free for it.
    pub fn wrap(&self, _route: Route, _packet: &mut [u8]) {
        // Without relayed candidates there is no wrapping, and `head` is 0.
    }

    /// Whether the other side has proved to be at the far end of this path.
    fn trusts(&self, path: Path) -> bool {
        self.current.trusts(path) || self.previous.as_ref().is_some_and(|g| g.trusts(path))
    }
}
