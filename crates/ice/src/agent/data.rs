//! The way of application data through the agent.

use sansio::{Datagram, Ecn, Instant, Path, Transmit};

use crate::agent::machine::Agent;
use crate::{Discard, Route, State};

impl Agent {
    /// Takes off what a relay has put around a datagram, and keeps strangers out. `Ok(None)`: it
    /// was the relay's own business. The path of what comes out of a relay leads from the relayed
    /// address to the peer.
    ///
    /// Every datagram goes through here first. What then looks like STUN (a first byte of 0 to 3,
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
        let datagram = match self.unwrap_relayed(now, datagram) {
            Ok(Some(datagram)) => datagram,
            Ok(None) => return Ok(None),
            Err(reason) => {
                self.counters.discarded.count(&reason);
                return Err(reason);
            }
        };
        if matches!(datagram.data.first(), Some(0..=3)) {
            return Ok(Some(datagram));
        }
        if self.route.is_some_and(|route| route.between == datagram.path) {
            self.last_heard = now;
            if self.state == State::Disconnected {
                self.settle(now);
            }
            return Ok(Some(datagram));
        }
        let reason = if self.state == State::Closed {
            Discard::Closed
        } else if self.trusts(datagram.path) {
            self.sent_elsewhere(now, datagram.path);
            return Ok(Some(datagram));
        } else {
            Discard::UnknownPath(datagram.path)
        };
        self.counters.discarded.count(&reason);
        Err(reason)
    }

    /// Puts a relay's wrapping around the datagram that lies in `buf` from `at` to the end, the first
    /// [`Route::head`] bytes of which were left free for it, and says how it travels. `None`: the
    /// relay is gone, or the datagram is too long for it, and `buf` ends at `at`.
    ///
    /// A route that was asked for before [`close`](Self::close) serves after it too, for goodbyes.
    pub fn wrap(&mut self, route: Route, buf: &mut Vec<u8>, at: usize) -> Option<Transmit<Path>> {
        let Some(via) = route.via else {
            let len = buf.len().saturating_sub(at);
            return Some(Transmit { path: route.path, ecn: Ecn::NotEct, len });
        };
        let wrapped = self.wrap_via(via, buf, at);
        if wrapped.is_none() {
            buf.truncate(at);
        }
        wrapped
    }

    /// Whether the other side has proved to be at the far end of this path.
    fn trusts(&self, path: Path) -> bool {
        self.current.trusts(path) || self.previous.as_ref().is_some_and(|g| g.trusts(path))
    }
}
