//! Consent of the other side to be sent to, RFC 7675 §5.1.

use std::collections::VecDeque;

use core::time::Duration;

use sansio::{Instant, Path, Rng, Transmit};
use stun::TransactionId;

use crate::Role;
use crate::agent::check::Request;
use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::agent::pair::Pair;
use crate::agent::response::{FORBIDDEN, Outcome, ROLE_CONFLICT};

/// Consent lasts 30 s and checks are at least 4 s apart: no more can matter.
const OUTSTANDING: usize = 8;

/// When the next consent check is due, and which ones may still be answered.
///
/// Each has an id of its own and is sent once; the response to any of them renews consent. Over a
/// link that loses every fifth datagram that would not be enough for long: each window of 30 s
/// has six chances of 64 %. So a consent check that is not answered soon is followed by a
/// connectivity check, which is repeated as those are.
///
/// ```text
/// consent ──────── answered      consent ──────┬─ ✗ ─┬──────────┬── … ─ answered
///    0 s              4 to 6 s      0 s      check 0.5 s   1 s    2 s
/// ```
#[derive(Debug, Default)]
pub(crate) struct Consent {
    due: Option<Instant>,
    /// When the latest consent check is in doubt.
    pub(super) doubt: Option<Instant>,
    outstanding: VecDeque<Outstanding>,
}

/// A consent check that may still be answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outstanding {
    id: TransactionId,
    pub(crate) sent: Instant,
    /// The role that it claims.
    pub(crate) role: Role,
}

impl Consent {
    /// The pair in use is another one: begins anew.
    pub(crate) fn restart(&mut self, now: Instant, interval: Duration, rng: &mut dyn Rng) {
        *self = Self { due: Some(now + varied(interval, rng)), ..Self::default() };
    }

    /// When there is something to do.
    pub(crate) fn next(&self) -> Option<Instant> {
        [self.due, self.doubt].into_iter().flatten().min()
    }

    /// Keeps to the consent checks: connectivity checks have ended.
    pub(crate) fn trust(&mut self) {
        self.doubt = None;
    }

    /// Nothing to keep alive.
    pub(crate) fn stop(&mut self) {
        (self.due, self.doubt) = (None, None);
    }

    /// Notes a check sent now, and sets the time for the next.
    pub(crate) fn sent(
        &mut self,
        now: Instant,
        role: Role,
        interval: Duration,
        rng: &mut dyn Rng,
    ) -> TransactionId {
        if self.outstanding.len() == OUTSTANDING {
            self.outstanding.pop_front();
        }
        let id = TransactionId::random(rng);
        self.outstanding.push_back(Outstanding { id, sent: now, role });
        self.due = Some(now + varied(interval, rng));
        self.doubt = None;
        id
    }

    pub(crate) fn awaits(&self, id: TransactionId) -> bool {
        self.outstanding.iter().any(|check| check.id == id)
    }

    /// Takes the check that a response answers. Responses to older ones would say nothing new.
    pub(crate) fn take(&mut self, id: TransactionId) -> Option<Outstanding> {
        let index = self.outstanding.iter().position(|check| check.id == id)?;
        self.doubt = None;
        self.outstanding.drain(..=index).next_back()
    }
}

/// 0.8 to 1.2 times the interval, so that many agents do not beat in time.
fn varied(interval: Duration, rng: &mut dyn Rng) -> Duration {
    let nanos = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX / 4);
    let range = nanos / 5 * 2;
    let extra = (u128::from(range) * u128::from(rng.next_u32())) >> 32;
    Duration::from_nanos(nanos / 5 * 4 + u64::try_from(extra).unwrap_or(range))
}

impl Agent {
    /// Sends the consent check that is due on the route.
    pub(super) fn send_consent(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let (role, interval) = (self.role, self.config.consent_interval);
        let doubt = self.current.route.map(|route| now + self.rto(route));
        let is_current = doubt.is_some();
        let generation = if is_current { &mut self.current } else { self.previous.as_mut()? };
        let route = generation.route?;
        generation.consent.due.filter(|due| *due <= now)?;
        let id = generation.consent.sent(now, role, interval, &mut *self.rng);
        generation.consent.doubt = doubt;
        let pair = generation.pair_mut(route)?;
        pair.stats.consent_requests_sent += 1;
        let Pair { path, local_priority: priority, name, .. } = *pair;
        let request = Request { path, id, role, nominates: None, priority, name };
        self.counters.requests_sent += 1;
        let remote = generation.remote.as_ref()?;
        Some(request.write(remote, self.tie_breaker, self.slot.embedded(None), buf).0)
    }

    /// Data that came and came has stopped: whether the other side is still there is asked before the
    /// next consent check would. It may only have no more to say; or a NAT has forgotten us, and
    /// learns of us by this.
    pub(super) fn doubt_if_data_stopped(&mut self, now: Instant) {
        let Some(stopped) = self.data_stops() else { return };
        if stopped <= now {
            (self.last_data, self.doubted) = (None, Some(now));
            let consent = &mut self.current.consent;
            consent.doubt = consent.doubt.or(consent.due.map(|_| now));
        }
    }

    /// When data that came lately counts as stopped.
    pub(super) fn data_stops(&self) -> Option<Instant> {
        let last = self.last_data.filter(|_| self.current.route.is_some() && !self.is_lite())?;
        Some(last + self.config.doubt_after)
    }

    /// Sends a connectivity check along the route, if the latest consent check is in doubt.
    pub(super) fn send_recheck(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        self.current.consent.doubt.take_if(|doubt| *doubt <= now)?;
        let id = self.current.route_pair().filter(|pair| pair.check.is_none())?.id;
        self.send_check(now, id, buf)
    }

    /// A consent check was answered.
    pub(super) fn consent_answered(
        &mut self,
        received: Instant,
        id: TransactionId,
        outcome: Outcome,
    ) {
        let is_current = self.current.consent.awaits(id);
        let generation = if is_current { Some(&mut self.current) } else { self.previous.as_mut() };
        let Some(generation) = generation else { return };
        let Some(check) = generation.consent.take(id) else { return };
        let Some(pair) = generation.route.and_then(|route| generation.pair_mut(route)) else {
            return;
        };
        pair.stats.responses_received += 1;
        match outcome {
            Outcome::Success(mapped) => {
                pair.measured(received.saturating_since(check.sent));
                pair.last_response = Some(received);
                let id = pair.id;
                if is_current {
                    self.learn_local(id, mapped);
                }
            }
            // RFC 7675 §5.2: consent is withdrawn.
            Outcome::Error(FORBIDDEN) => {
                if is_current {
                    self.lose_consent();
                } else {
                    self.previous = None;
                }
            }
            Outcome::Error(ROLE_CONFLICT) if is_current => self.refused_by_peer(check.role),
            Outcome::Error(_) => {}
        }
    }

    /// Consent ends when it was not renewed for 30 s.
    pub(super) fn expire_consent(&mut self, now: Instant) {
        let over = |renewed: Instant| renewed + self.config.consent_expiry <= now;
        if self.previous.as_ref().and_then(Generation::last_response).is_none_or(over) {
            self.previous = None;
        }
        if self.last_consent().is_some_and(over) {
            let lifetime = self.config.consent_expiry;
            match self.current.route.filter(|_| self.current.best_valid(now, lifetime).is_some()) {
                // There the other side consents.
                Some(route) => {
                    self.current.fail_pair(route);
                    if let Some(pair) = self.current.pair_mut(route) {
                        pair.given_up = Some(now);
                    }
                }
                None => self.lose_consent(),
            }
        }
    }

    /// Nothing but responses is sent from now on, until a restart.
    pub(super) fn lose_consent(&mut self) {
        self.current.conclude(None);
        (self.current.selected, self.current.expired) = (None, true);
        self.previous = None;
    }

    /// When the other side counts as silent because data has stopped and nothing has come since: the
    /// question whether it is still there goes out for the third time. The state knows nothing of
    /// that yet: it may be that what was lost was lost by chance.
    pub(super) fn unanswered_from(&self) -> Option<Instant> {
        let doubted = self.doubted.filter(|at| self.last_heard < *at)?;
        // Requests go after 0, 1 and 3 times the RTO.
        Some(doubted + self.rto(self.current.route?).saturating_mul(3))
    }

    /// When the state becomes `Disconnected`, see
    /// [`Config::disconnected_after`](crate::Config::disconnected_after).
    pub(super) fn silent_from(&self) -> Option<Instant> {
        let silence = self.last_heard + self.config.disconnected_after;
        if self.is_lite() {
            return self.carrier().map(|_| silence);
        }
        let renewed = self.carrier()?.last_response()?;
        Some(silence.min(renewed + self.config.consent_expiry / 2))
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn intervals_fill_the_range_from_4_to_6_seconds() {
        let mut rng = SeededRng::new(7);
        let interval = Duration::from_secs(5);
        let mut seen: Vec<_> = (0..1000).map(|_| varied(interval, &mut rng)).collect();
        seen.sort_unstable();
        let (first, last) = (seen[0].as_secs_f64(), seen[999].as_secs_f64());
        assert!((4.0..4.02).contains(&first) && (5.98..6.0).contains(&last), "{first} {last}");
    }

    #[test]
    fn remembers_no_more_than_can_matter() {
        let (mut consent, mut rng) = (Consent::default(), SeededRng::new(7));
        let ids: Vec<_> = (0..20)
            .map(|n| (Instant::from_millis(n), Role::Controlled))
            .map(|(now, role)| consent.sent(now, role, Duration::from_secs(5), &mut rng))
            .collect();
        assert!(!consent.awaits(ids[11]) && consent.awaits(ids[12]));
        assert_eq!(consent.take(ids[15]).unwrap().sent, Instant::from_millis(15));
        assert!(!consent.awaits(ids[14]), "older than one that was answered");
        assert!(consent.awaits(ids[16]));
    }
}
