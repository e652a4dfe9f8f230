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
//! Towards another lite agent this one asks as a full one does. RFC 8445 §8.2 has two lite agents
//! choose a pair and send without asking, which RFC 7675 §5.1 forbids: nobody has consented. But every
//! lite agent answers, and cannot tell who asks.

use sansio::{Instant, Path};

use crate::agent::consent::Consent;
use crate::agent::machine::Agent;
use crate::agent::pair::PairId;
use crate::{Implementation, PairState, Role, State};

impl Agent {
    /// Whether it only answers.
    pub(super) fn is_lite(&self) -> bool {
        self.config.implementation == Implementation::Lite
            && self.remote_implementation == Implementation::Full
    }

    /// Says whether the other side is lite. Then this side is controlling, RFC 8445 §6.1.1, unless
    /// it is lite too: then it has the role that was [set](Self::set_role).
    pub fn set_remote_implementation(&mut self, now: Instant, implementation: Implementation) {
        let (was_lite, was_bound) = (self.is_lite(), self.bound_role().is_some());
        self.remote_implementation = implementation;
        if self.state == State::Closed {
            return;
        }
        self.take_role(if was_bound { self.assigned_role } else { self.role });
        if was_lite && !self.is_lite() {
            let bases = self.locals.iter().filter(|local| local.candidate.kind.is_base());
            for local in bases.map(|local| local.id).collect::<Vec<_>>() {
                self.pair_local(local);
            }
        }
        if !was_lite && self.is_lite() {
            // What it had begun to ask it asks no more.
            let generations = [Some(&mut self.current), self.previous.as_mut()];
            for generation in generations.into_iter().flatten() {
                generation.conclude(None);
                generation.consent = Consent::default();
            }
        }
        self.settle(now);
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
