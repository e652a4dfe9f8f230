//! Roles and their conflicts, RFC 8445 §6.1.1 and §7.3.1.1.

use sansio::Instant;
use tracing::debug;

use crate::agent::machine::Agent;
use crate::{Event, Role, State};

/// The role that a request claims, with its tie-breaker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) controlling: Option<u64>,
    pub(super) controlled: Option<u64>,
}

impl Agent {
    /// Sets the role: in WebRTC the first offerer is controlling (RFC 8445 §6.1.1), and stays so.
    /// If one side alone is lite, it is always controlled.
    pub fn set_role(&mut self, now: Instant, role: Role) {
        if self.state != State::Closed {
            self.assigned_role = role;
            self.take_role(role);
            self.settle(now);
        }
    }

    /// Both sides claim one role: the greater tie-breaker has its way. `true` if that is ours, and
    /// the request is to be refused with 487; `false` if there is no conflict, or none any more.
    pub(super) fn refuses(&mut self, claim: Claim) -> bool {
        if self.bound_role() == Some(Role::Controlled) {
            // It does not know that we are lite: the refusal makes it controlling. But as long as
            // nothing is known of it, it may be lite too.
            return claim.controlled.is_some() && self.current.remote.is_some();
        }
        let theirs = match self.role {
            Role::Controlling => claim.controlling,
            Role::Controlled => claim.controlled,
        };
        let Some(theirs) = theirs else { return false };
        // The side that wins is controlling from then on, whichever role they quarrel about.
        let rightful =
            if self.tie_breaker >= theirs { Role::Controlling } else { Role::Controlled };
        if self.role == rightful {
            return true;
        }
        self.switch_role(rightful);
        false
    }

    /// The other side refused `claimed` with 487, RFC 8445 §7.2.5.1. With a new tie-breaker two
    /// sides that had drawn the same one do not meet again.
    pub(super) fn refused_by_peer(&mut self, claimed: Role) {
        if self.role == claimed {
            self.tie_breaker = self.rng.next_u64();
            self.switch_role(claimed.opposite());
        }
    }

    fn switch_role(&mut self, role: Role) {
        debug!(ufrag = self.current.credentials.ufrag(), ?role, "role conflict");
        self.take_role(role);
        self.events.push_back(Event::RoleChanged(role));
    }

    pub(super) fn take_role(&mut self, role: Role) {
        let role = self.bound_role().unwrap_or(role);
        if self.role != role {
            self.role = role;
            (self.current.nominating, self.current.nominations) = (None, 0);
            self.current.prioritize(role);
            for pair in &mut self.current.pairs {
                pair.wanted = None;
            }
        }
    }
}
