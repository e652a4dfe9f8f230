//! Nomination: choosing the pair, RFC 8445 §8.1.1, and another one later.
//!
//! RFC 8445 has one nomination a generation. Browsers nominate another pair when the selected one
//! falls silent, and draft-thatcher-ice-renomination numbers nominations, so that the controlling side
//! may turn to a better pair whenever it likes; here it does so without numbers too, when the selected
//! pair was taken because another had fallen silent. All three are understood:
//!
//! | nomination | is followed |
//! |---|---|
//! | `USE-CANDIDATE` | if the pair is better than the selected one (RFC 5245 agents nominate all they check), if that one is silent, or when data comes on the new one and nothing on the old |
//! | `NOMINATION` | if no other had a higher number |

use sansio::Instant;
use stun::attribute::UseCandidate;
use stun::{AttributeError, Message};

use crate::agent::machine::Agent;
use crate::agent::pair::{Pair, PairId};
use crate::agent::timer::Timer;
use crate::{GatheringState, PairState, Role};

/// How a check nominates its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nomination {
    /// USE-CANDIDATE alone, RFC 8445 §8.1.1.
    Regular,
    /// NOMINATION too: the highest number holds.
    Numbered(u32),
}

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
        if self.role == Role::Controlled {
            return self.follow(now);
        }
        if self.is_lite() || generation.nominating.is_some() || generation.expired {
            return;
        }
        let Some(best) = self.contender(now) else {
            let rests = generation.pairs.iter().filter_map(|pair| pair.rests_until);
            self.timers.set(Timer::Nomination, rests.filter(|until| *until > now).min());
            return;
        };
        let more = !generation.remote_complete || self.gathering != GatheringState::Complete;
        let better = |pair: &Pair| pair.is_open() && pair.priority > best.priority;
        let rtt = best.stats.current_round_trip_time.unwrap_or_default();
        let patience = self.config.nomination_patience.max(rtt.saturating_mul(2));
        let deadline = generation.first_valid.map(|since| since + patience);
        let waits = more && generation.selected.is_none() || generation.pairs.iter().any(better);
        if let Some(deadline) = deadline.filter(|deadline| now < *deadline && waits) {
            self.timers.set(Timer::Nomination, Some(deadline));
            return;
        }
        let id = best.id;
        self.begin_nomination(id);
    }

    /// The best valid pair, if it is to be nominated: nothing is selected, or what is has fallen
    /// silent, or is not as good and the other side follows.
    fn contender(&self, now: Instant) -> Option<&Pair> {
        let lifetime = self.config.consent_expiry;
        let best = self.current.best_valid(now, lifetime);
        let Some(selected) = self.current.selected.and_then(|id| self.current.pair(id)) else {
            return best;
        };
        if self.is_silent(now) {
            return self.answered_since(now, self.last_heard).max_by_key(|pair| pair.priority);
        }
        let is_rested = |pair: &&Pair| pair.rests_until.is_none_or(|until| until <= now);
        let better = |pair: &&Pair| pair.priority > selected.priority && is_rested(pair);
        let valid = self.current.pairs.iter().filter(|pair| pair.is_valid(now, lifetime));
        valid.filter(|_| self.may_turn()).filter(better).max_by_key(|pair| pair.priority)
    }

    /// Whether a better pair than the selected one is turned to: the other side follows numbers, or
    /// the selected one was a makeshift. The first choice stands, as in RFC 8445; one that was made
    /// in need gives way.
    pub(super) fn may_turn(&self) -> bool {
        self.renominates() || self.current.makeshift
    }

    /// Valid pairs that were answered after this time, but for the selected one.
    fn answered_since(&self, now: Instant, since: Instant) -> impl Iterator<Item = &Pair> {
        let (selected, lifetime) = (self.current.selected, self.config.consent_expiry);
        let others = self.current.pairs.iter().filter(move |pair| Some(pair.id) != selected);
        let valid = others.filter(move |pair| pair.is_valid(now, lifetime));
        valid.filter(move |pair| pair.last_response > Some(since))
    }

    pub(super) fn begin_nomination(&mut self, id: PairId) {
        let generation = &mut self.current;
        generation.nominations = generation.nominations.saturating_add(1);
        generation.nominating = Some(id);
        generation.triggered.retain(|other| *other != id);
        generation.triggered.push_front(id);
    }

    /// How checks nominate.
    pub(super) fn nomination(&self) -> Nomination {
        match self.renominates() {
            true => Nomination::Numbered(self.current.nominations.max(1)),
            false => Nomination::Regular,
        }
    }

    fn renominates(&self) -> bool {
        self.config.renomination && self.remote_renominates
    }

    /// The nomination in a check of the other side.
    pub(super) fn nomination_in(
        &self,
        message: &Message<'_>,
    ) -> Result<Option<Nomination>, AttributeError> {
        let numbered = message.get::<stun::attribute::Nomination>()?;
        if let Some(number) = numbered.filter(|_| self.config.renomination) {
            return Ok(Some(Nomination::Numbered(number.0)));
        }
        Ok(message.get::<UseCandidate>()?.map(|_| Nomination::Regular))
    }

    /// The controlling side has nominated this pair.
    pub(super) fn wanted_by_peer(&mut self, now: Instant, id: PairId, nomination: Nomination) {
        if let Nomination::Numbered(number) = nomination {
            if number < self.current.nominations {
                return;
            }
            self.current.nominations = number;
        }
        let lifetime = self.config.consent_expiry;
        self.current.nominated = self.current.nominated.saturating_add(1);
        let order = self.current.nominated;
        let Some(pair) = self.current.pair_mut(id) else { return };
        if !pair.is_valid(now, lifetime) {
            pair.wanted = Some(nomination);
            return;
        }
        (pair.wanted, pair.nominated) = (None, Some(order));
        let priority = pair.priority;
        let holds = match self.current.selected.and_then(|selected| self.current.pair(selected)) {
            None => true,
            Some(selected) if selected.id == id => false,
            Some(selected) => match nomination {
                Nomination::Numbered(_) => true,
                Nomination::Regular => priority > selected.priority || self.is_silent(now),
            },
        };
        if holds {
            self.select(now, id);
        } else {
            self.update_route(now);
        }
    }

    /// The selected pair has fallen silent, and the other side has nominated another one after it,
    /// on which it is there: that is the one it uses.
    fn follow(&mut self, now: Instant) {
        let selected = self.current.selected.and_then(|id| self.current.pair(id));
        if let Some(selected) = selected.filter(|_| self.is_silent(now)) {
            let answered = self.answered_since(now, self.last_heard);
            let nominated = answered.filter(|pair| pair.nominated > selected.nominated);
            if let Some(id) = nominated.max_by_key(|pair| pair.last_response).map(|pair| pair.id) {
                self.select(now, id);
            }
        }
    }

    /// This pair is nominated: all other checks end, RFC 8445 §8.1.2, but those of better pairs that
    /// may be turned to. One that is left because it fell silent is asked on: it may come back.
    pub(super) fn select(&mut self, now: Instant, id: PairId) {
        let left = self.current.selected.filter(|left| *left != id && self.is_silent(now));
        self.current.makeshift |= left.is_some();
        let priority = self.current.pair(id).map(|pair| pair.priority);
        self.current.conclude(priority.filter(|_| self.may_turn()));
        self.current.selected = Some(id);
        let rest = self.config.backup_interval.unwrap_or_default();
        if let Some(left) = left.and_then(|left| self.current.pair_mut(left)) {
            left.state = PairState::Waiting;
            left.lapse(now, rest);
        }
        let order = self.current.nominated;
        if let Some(pair) = self.current.pair_mut(id) {
            pair.nominated = pair.nominated.or(Some(order));
            pair.parked = false;
        }
        self.update_route(now);
    }
}
