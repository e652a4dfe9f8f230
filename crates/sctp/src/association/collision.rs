//! INIT and COOKIE ECHO when there is an association, RFC 9260 §5.2: both sides began at once, an
//! answer was lost, or the other side lost its memory.

use core::time::Duration;

use super::cookie::Cookie;
use super::state::{Association, State, controller, random_tag};
use super::timers::Timer;
use crate::cause::{Cause, CookieWhileShuttingDown, StaleCookie};
use crate::chunk;
use crate::error::Discard;
use crate::event::Event;
use crate::ids::Tag;
use crate::outgoing::Outstanding;
use crate::serial::Tsn;

impl Association {
    /// Tag, initial TSN and tie tags to answer an INIT with that comes while there is an
    /// association. `None`: it is answered otherwise.
    pub(super) fn identity_for_unexpected_init(&mut self) -> Option<(Tag, Tsn, [u32; 2])> {
        let Self { local, rng, .. } = self;
        match self.state {
            // §5.2.1: the same as in our own INIT, so that the two set-ups become one.
            State::CookieWait { .. } => Some((local.tag, local.initial_tsn, [0; 2])),
            State::CookieEchoed { .. } => Some((local.tag, local.initial_tsn, local.tie_tags)),
            // §9.2: the other side has forgotten us while we wait for its last word.
            State::ShutdownAckSent => {
                self.pending.shutdown_ack = true;
                None
            }
            // §5.2.2: a tag of its own; nothing changes until its cookie returns.
            _ => Some((random_tag(&mut **rng), Tsn(rng.next_u32()), local.tie_tags)),
        }
    }

    /// A genuine cookie while there is an association: the table of RFC 9260 §5.2.4. Returns
    /// whether it stands.
    ///
    /// | local tag | remote tag | tie tags | | |
    /// |---|---|---|---|---|
    /// | other | other | match | A | the other side restarted |
    /// | ours | other | – | B | both began at once |
    /// | other | the same | none | C | late, nothing happens |
    /// | ours | the same | – | D | our COOKIE ACK was lost, or both began at once |
    pub(super) fn resolve_collision(&mut self, cookie: &Cookie) -> Result<bool, Discard> {
        let ours = cookie.local_tag == self.local.tag;
        let same = cookie.remote.tag == self.remote.tag;
        match (ours, same) {
            (false, false) if cookie.tie_tags == self.local.tie_tags => Ok(self.restart(cookie)),
            (true, false) => {
                match self.state {
                    State::CookieWait { .. } | State::CookieEchoed { .. } => self.adopt(cookie),
                    _ => self.remote.tag = cookie.remote.tag,
                }
                Ok(true)
            }
            (true, true) => Ok(true),
            (false, _) => Err(Discard::Unexpected),
        }
    }

    /// §5.2.4.1: the other side knows nothing of what was.
    fn restart(&mut self, cookie: &Cookie) -> bool {
        if matches!(self.state, State::ShutdownAckSent) {
            // §5.2.4 A: no restart any more.
            self.pending.shutdown_ack = true;
            self.report(&Cause::CookieWhileShuttingDown(CookieWhileShuttingDown));
            return false;
        }
        self.local.initial_tsn = cookie.local_tsn;
        self.local.tie_tags = [self.rng.next_u32(), self.rng.next_u32()];
        self.outstanding = Outstanding::new(cookie.local_tsn);
        self.sending = Default::default();
        self.pending = Default::default();
        self.ack = Default::default();
        self.queue.restart();
        self.delivery.reset_all();
        self.resets.restart(cookie.local_tsn);
        self.adopt(cookie);
        self.congestion = controller(&self.config, self.rng.next_u32());
        for timer in [
            Timer::Retransmit,
            Timer::Reorder,
            Timer::Probe,
            Timer::Pace,
            Timer::Ack,
            Timer::ReConfig,
            Timer::Shutdown,
        ] {
            self.timers.stop(timer);
        }
        if matches!(self.state, State::ShutdownSent | State::ShutdownReceived) {
            self.state = State::ShutdownPending;
        }
        self.events.push_back(Event::Restarted);
        true
    }

    /// §5.2.6: the cookie has been under way for too long.
    pub(super) fn reply_stale_cookie(&mut self, cookie: &Cookie, late: Duration) {
        let staleness = u32::try_from(late.as_micros()).unwrap_or(u32::MAX);
        let mut causes = Vec::new();
        StaleCookie { staleness }.write(&mut causes);
        let mut out = Vec::new();
        if let Ok(causes) = crate::cause::Causes::parse(&causes) {
            chunk::Error { causes }.write(&mut out);
        }
        self.reply(cookie.remote.tag, out);
    }
}
