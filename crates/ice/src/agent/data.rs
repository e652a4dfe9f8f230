//! The way of application data through the agent.

use sansio::{Datagram, Instant, Path, Transmit};

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
            self.traffic.received(now, datagram.data.len());
            let is_first = self.last_data.replace(now).is_none();
            if is_first || self.state == State::Disconnected {
                self.settle(now);
            }
            return Ok(Some(datagram));
        }
        let reason = if self.state == State::Closed {
            Discard::Closed
        } else if self.count_if_trusted(now, &datagram) {
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
    pub fn wrap(
        &mut self,
        now: Instant,
        route: Route,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Transmit<Path>> {
        let len = buf.len().saturating_sub(at);
        let transmit = match route.via {
            None => Some(Transmit::new(route.path, len)),
            Some(via) => self.wrap_via(via, buf, at),
        };
        match transmit {
            Some(_) => self.traffic.sent(now, len.saturating_sub(route.head)),
            None => buf.truncate(at),
        }
        transmit
    }

    /// The shell could not send a datagram of application data of so many bytes: its socket has
    /// failed. It is counted.
    pub const fn handle_unsent(&mut self, bytes: usize) {
        self.traffic.unsent(bytes);
    }

    /// Counts data that came on another pair than the one in use, if the other side has proved to be
    /// at its far end. Whether it has.
    fn count_if_trusted(&mut self, now: Instant, datagram: &Datagram<'_, Path>) -> bool {
        let generations = [Some(&mut self.current), self.previous.as_mut()].into_iter().flatten();
        let mut pairs = generations.flat_map(|generation| &mut generation.pairs);
        let pair = pairs.find(|pair| pair.path == datagram.path && pair.is_trusted());
        pair.map(|pair| pair.stats.traffic.received(now, datagram.data.len())).is_some()
    }

    /// Data takes another way: what has gone the one before is entered there.
    pub(super) fn enter_traffic(&mut self) {
        let traffic = core::mem::take(&mut self.traffic);
        let generations = [Some(&mut self.current), self.previous.as_mut()].into_iter().flatten();
        let mut carriers = generations.filter(|generation| generation.route.is_some());
        if let Some(carrier) = carriers.next()
            && let Some(pair) = carrier.route.and_then(|route| carrier.pair_mut(route))
        {
            pair.stats.traffic.add(&traffic);
        }
    }
}
