//! What the response to a check means, RFC 8445 §7.2.5.

use core::net::SocketAddr;

use sansio::{Instant, Path};
use stun::attribute::{ErrorCode, XorMappedAddress};
use stun::{Class, Message, TransactionId};

use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::agent::pair::{Check, PairId};
use crate::agent::slot::Load;
use crate::{Discard, PairState, Role};

/// 487, RFC 8445 §7.2.5.1.
pub(super) const ROLE_CONFLICT: u16 = 487;

/// 403: the other side does not want to be sent to any more, RFC 7675 §5.2.
pub(super) const FORBIDDEN: u16 = 403;

/// What an authentic response says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// Yes, and where our request came from.
    Success(SocketAddr),
    /// No, and the code that says why.
    Error(u16),
}

impl Agent {
    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        received: Instant,
        path: Path,
        message: &Message<'_>,
    ) -> Result<(), Discard> {
        let id = message.transaction_id();
        let unknown = Discard::UnknownTransaction(id);
        let generations = [Some(&self.current), self.previous.as_ref()];
        let asked = |generation: &&Generation| generation.awaits(id);
        let generation = generations.into_iter().flatten().find(asked).ok_or(unknown)?;
        let remote = generation.remote.as_ref().ok_or(unknown)?;
        let check = generation.pairs.iter().find(|pair| pair.awaits(id));
        let pair = check.or_else(|| generation.route_pair()).ok_or(unknown)?;
        if pair.path != path {
            return Err(Discard::AsymmetricResponse(path));
        }
        message.check_integrity(&remote.key)?;
        let outcome = if message.class() == Class::SuccessResponse {
            let mapped = message.get::<XorMappedAddress>()?.ok_or(Discard::Incomplete)?;
            Outcome::Success(mapped.0)
        } else {
            Outcome::Error(message.get::<ErrorCode<'_>>()?.ok_or(Discard::Incomplete)?.code())
        };

        // From here on it counts.
        let carried = check.and_then(|pair| pair.carried_by(id));
        let check = check.map(|pair| (pair.id, id));
        self.counters.responses_received += 1;
        // Who refuses a request has not looked at what it carries.
        if let Outcome::Success(_) = outcome {
            self.take_embedded(message, carried);
        }
        match (check, outcome) {
            (Some(check), Outcome::Success(mapped)) => {
                self.check_succeeded(now, received, check, mapped);
            }
            (Some(check), Outcome::Error(code)) => self.check_refused(now, check, code),
            (None, outcome) => self.consent_answered(received, id, outcome),
        }
        self.heard_on(now, path);
        Ok(())
    }

    fn check_succeeded(
        &mut self,
        now: Instant,
        received: Instant,
        (id, transaction): (PairId, TransactionId),
        mapped: SocketAddr,
    ) {
        let Some(pair) = self.current.pair_mut(id) else { return };
        let Some(check) = pair.take_check(transaction) else { return };
        // What was asked besides has been answered with this, except for a nomination.
        pair.check.take_if(|other| other.nominates.is_none());
        pair.cancelled = None;
        match check.transaction.round_trip(received) {
            Some(rtt) => pair.measured(rtt),
            None if check.transaction.requests_sent() == 2 => {
                pair.at_most = Some(check.transaction.elapsed(received));
            }
            // That says more about losses.
            None => {}
        }
        pair.stats.responses_received += 1;
        pair.last_response = Some(received);
        pair.state = PairState::Succeeded;
        let (foundation, wanted) = (pair.foundation, pair.wanted);
        self.current.triggered.retain(|other| *other != id || self.current.nominating == Some(id));
        self.current.first_valid.get_or_insert(now);
        self.learn_local(id, mapped);
        self.seen_by_relay(id);
        self.thaw(foundation);
        match self.role {
            Role::Controlling if check.nominates.is_some() => self.select(now, id),
            Role::Controlling => self.update_route(now),
            Role::Controlled => match wanted {
                Some(nomination) => self.wanted_by_peer(now, id, nomination),
                None => self.update_route(now),
            },
        }
    }

    /// RFC 8445 §7.2.5.1 for role conflicts; §7.2.5.2.4 for the rest, none of which a repetition
    /// could heal.
    fn check_refused(
        &mut self,
        now: Instant,
        (id, transaction): (PairId, TransactionId),
        code: u16,
    ) {
        let is_route = self.current.route == Some(id);
        let is_selected = self.current.selected == Some(id);
        let Some(pair) = self.current.pair_mut(id) else { return };
        let Some(Check { role, .. }) = pair.take_check(transaction) else { return };
        pair.load = Load::default();
        match code {
            ROLE_CONFLICT => {
                if pair.state == PairState::InProgress && pair.check.is_none() {
                    pair.state = PairState::Waiting;
                }
                self.refused_by_peer(role);
                self.trigger(now, id);
            }
            FORBIDDEN if is_route => self.lose_consent(),
            // About the nominated pair consent decides.
            _ if is_selected => {}
            _ => {
                (pair.check, pair.cancelled, pair.state) = (None, None, PairState::Failed);
                pair.extras = Vec::new();
                self.current.nominating.take_if(|nominated| *nominated == id);
                self.update_route(now);
            }
        }
    }
}
