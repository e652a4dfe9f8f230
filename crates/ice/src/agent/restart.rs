//! Restart: another generation of credentials, candidates and pairs, RFC 8445 §9.

use sansio::Instant;

use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::{CandidateKind, Credentials, State};

impl Agent {
    /// Begins anew with fresh [credentials](Self::local_credentials), which have to be signalled
    /// together with the local candidates; those stay. The other side's credentials and candidates
    /// are to come. Data goes on along the present route, with the present credentials, until the
    /// new generation has a valid pair.
    pub fn restart(&mut self, now: Instant) {
        let credentials = Credentials::random(&mut *self.rng);
        self.restart_with(now, credentials);
    }

    /// The same with credentials that were signalled already: who restarts at the end of offer and
    /// answer can still take the offer back.
    pub fn restart_with(&mut self, now: Instant, credentials: Credentials) {
        if self.state != State::Closed {
            self.begin_generation(credentials);
            self.revive_relays(now);
            self.settle(now);
        }
    }

    pub(super) fn begin_generation(&mut self, credentials: Credentials) {
        // Signalling was heard.
        self.slot.allow_again();
        let mut old = core::mem::replace(&mut self.current, Generation::new(credentials));
        if old.route.is_some() {
            old.conclude(None);
            self.previous = Some(old);
        }
        let kept = self.previous.as_ref().map(|g| g.pairs.as_slice()).unwrap_or_default();
        self.locals.retain(|local| {
            local.candidate.kind != CandidateKind::PeerReflexive
                || kept.iter().any(|pair| pair.local == local.id)
        });
    }
}
