//! A lite agent, RFC 8445 §2.5: it asks nothing, and what it knows it knows from being asked.
//!
//! ```text
//! check ─────────► answered; data may go there      what a full agent knows from a response
//! nomination ────► answered; data goes there        RFC 8445 §7.3.2
//! ```
//!
//! RFC 8445 has a lite agent wait for the nomination. Data goes to the best pair that was checked
//! before that too, as a full agent's does on its best valid pair (RFC 8445 §12.1): so that a server
//! that is the DTLS client can begin at once.
//!
//! Two lite agents find no path: neither asks, and to send unasked RFC 7675 forbids.

use sansio::{Instant, Path};

use crate::agent::machine::Agent;
use crate::agent::pair::PairId;
use crate::{Implementation, PairState, Role};

impl Agent {
    pub(super) fn is_lite(&self) -> bool {
        self.config.implementation == Implementation::Lite
    }

    /// The only role there is, if one side alone is lite: RFC 8445 §6.1.1.
    pub(super) fn bound_role(&self) -> Option<Role> {
        match (self.config.implementation, self.remote_implementation) {
            (Implementation::Full, Implementation::Lite) => Some(Role::Controlling),
            (Implementation::Lite, Implementation::Full) => Some(Role::Controlled),
            _ => None,
        }
    }

    /// An authentic check came on this pair, RFC 8445 §7.3.2.
    pub(super) fn checked_as_lite(&mut self, now: Instant, id: PairId) {
        let Some(pair) = self.current.pair_mut(id) else { return };
        pair.state = PairState::Succeeded;
        pair.last_response = Some(now);
    }

    /// An authentic check of the generation before came.
    pub(super) fn checked_as_previous(&mut self, now: Instant, path: Path) {
        let is_lite = self.is_lite();
        let pair = self.previous.iter_mut().flat_map(|previous| &mut previous.pairs);
        if let Some(pair) = pair.filter(|_| is_lite).find(|pair| pair.path == path) {
            pair.last_response = Some(now);
        }
        self.heard_on(now, path);
    }

    /// When the other side last said that it wants to be sent to: a full agent knows it from
    /// responses. A lite one asks nothing (RFC 7675 §4), and takes every sign of life for it: not
    /// all that are full ask for consent themselves.
    pub(super) fn last_consent(&self) -> Option<Instant> {
        let last_response = self.current.last_response()?;
        Some(if self.is_lite() { self.last_heard.max(last_response) } else { last_response })
    }
}
