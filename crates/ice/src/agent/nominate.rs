//! Nomination: choosing the pair, RFC 8445 §8.1.1.

use sansio::Instant;

use crate::agent::machine::Agent;
use crate::agent::pair::{Pair, PairId};
use crate::agent::timer::Timer;
use crate::{GatheringState, PairState, Role, State};

impl Agent {
    /// Nominates the best valid pair, when this side is controlling and no better one can be
    /// expected any more.
    ///
    /// ```text
    ///        first valid pair            max(100 ms, 2 × RTT) later
    /// ──────────────┬─────────────────────────────┬──────────
    ///               ├── nothing better open: now  │
    ///               └── better pairs or more candidates to come: when they are settled, or here
    /// ```
    ///
    /// Data flows on the best valid pair meanwhile, so it is only the choice that waits.
    pub(super) fn nominate(&mut self, now: Instant) {
        self.timers.set(Timer::Nomination, None);
        let generation = &self.current;
        let taken = generation.selected.is_some() || generation.nominating.is_some();
        if self.role == Role::Controlled || self.is_lite() || taken || generation.expired {
            return;
        }
        let best = generation.best_valid(now, self.config.consent_expiry);
        let (Some(best), Some(since)) = (best, generation.first_valid) else {
            return;
        };
        let more = !generation.remote_complete || self.gathering != GatheringState::Complete;
        let better = |pair: &Pair| pair.is_open() && pair.priority > best.priority;
        let rtt = best.stats.current_round_trip_time.unwrap_or_default();
        let deadline = since + self.config.nomination_patience.max(rtt.saturating_mul(2));
        if now < deadline && (more || generation.pairs.iter().any(better)) {
            self.timers.set(Timer::Nomination, Some(deadline));
            return;
        }
        let id = best.id;
        self.current.nominating = Some(id);
        self.current.triggered.retain(|other| *other != id);
        self.current.triggered.push_front(id);
    }

    /// The controlling side has nominated this pair. An RFC 5245 agent nominates each pair it
    /// checks and means the best of those that work; browsers turn to another pair when the
    /// selected one has fallen silent.
    pub(super) fn wanted_by_peer(&mut self, now: Instant, id: PairId) {
        let Some(pair) = self.current.pair_mut(id) else { return };
        if pair.state != PairState::Succeeded {
            pair.wanted = true;
            return;
        }
        let priority = pair.priority;
        let better = match self.current.selected.and_then(|selected| self.current.pair(selected)) {
            Some(selected) => {
                selected.id != id
                    && (priority > selected.priority || self.state == State::Disconnected)
            }
            None => true,
        };
        if better {
            self.select(now, id);
        } else {
            self.update_route(now);
        }
    }

    /// This pair is nominated: all other checks end, RFC 8445 §8.1.2.
    pub(super) fn select(&mut self, now: Instant, id: PairId) {
        self.current.conclude();
        self.current.selected = Some(id);
        if let Some(pair) = self.current.pair_mut(id) {
            pair.nominated = true;
        }
        self.update_route(now);
    }
}
