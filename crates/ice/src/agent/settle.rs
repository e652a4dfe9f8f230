//! What follows from all procedures: the route, the state, the timers.

use sansio::Instant;
use tracing::debug;

use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::agent::pair::{Pair, PairId};
use crate::agent::timer::Timer;
use crate::{Event, GatheringState, PairState, Route, State};

impl Agent {
    /// Does what is due, and draws the conclusions. Every command and every input ends here.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.state != State::Closed {
            self.settle_relays(now);
            self.settle_gathering();
            self.expire_checks(now);
            self.expire_consent(now);
            self.recover(now);
            self.let_in();
            self.update_route(now);
            let before = self.state;
            self.set_state(self.evaluate(now));
            self.look_elsewhere(now, before);
            self.nominate(now);
            self.doubt_if_data_stopped(now);
            self.set_state(self.evaluate(now));
            self.release_streams();
            self.schedule(now);
        }
    }

    /// The nominated pair, or as long as there is none the best valid pair; another valid one while
    /// its relay cannot be reached.
    fn choose(&self, now: Instant) -> Option<PairId> {
        let (current, lifetime) = (&self.current, self.config.consent_expiry);
        let best = || current.best_valid(now, lifetime).filter(|_| !current.expired);
        let selected = current.selected.and_then(|id| current.pair(id));
        let wanted = selected.or_else(best)?;
        let is_passable = |pair: &&Pair| self.wire(pair.path).is_some();
        if is_passable(&wanted) || current.expired {
            return Some(wanted.id);
        }
        let valid = current.pairs.iter().filter(|pair| pair.is_valid(now, lifetime));
        let other = valid.filter(is_passable).max_by_key(|pair| pair.priority);
        Some(other.unwrap_or(wanted).id)
    }

    /// The pair that is chosen carries the data, or as long as there is none that of the generation
    /// before.
    pub(super) fn update_route(&mut self, now: Instant) {
        let asks = !self.is_lite();
        let (chosen, current) = (self.choose(now), &self.current);
        if chosen != current.route {
            self.enter_traffic();
            let current = &mut self.current;
            let is_lost = current.route.is_some_and(|route| current.pair(route).is_none());
            current.route = chosen;
            current.consent.stop();
            if chosen.is_some() {
                if asks {
                    current.consent.restart(now, self.config.consent_interval, &mut *self.rng);
                    // Who has to move says so, that the other side may follow.
                    current.consent.doubt = is_lost.then_some(now);
                }
                self.last_heard = now;
                if let Some(previous) = &mut self.previous {
                    previous.consent.stop();
                }
            }
        }
        let pair = self.carrier().and_then(|generation| generation.route_pair());
        let between = pair.map(|pair| pair.path);
        let route = between.and_then(|between| {
            let (path, via) = self.wire(between)?;
            Some(Route { path, head: via.map_or(0, |via| via.head()), between, via })
        });
        let ends = |route: &Route| (route.path, route.between);
        let is_another = route.as_ref().map(ends) != self.route.as_ref().map(ends);
        self.counters.route_changes += u64::from(is_another);
        self.route = route;
        if let Some(route) = route.filter(|_| is_another) {
            debug!(ufrag = self.current.credentials.ufrag(), path = %route.path, "route");
            self.bind(route.between);
            self.events.push_back(Event::RouteChanged(route));
        }
    }

    pub(super) fn set_state(&mut self, state: State) {
        if self.state != state {
            debug!(ufrag = self.current.credentials.ufrag(), ?state);
            self.state = state;
            self.events.push_back(Event::StateChanged(state));
            if state == State::Completed {
                self.give_back();
            }
        }
    }

    /// What remains now does so for as long as the connection: without room for more.
    fn give_back(&mut self) {
        let Generation { pairs, remotes, triggered, .. } = &mut self.current;
        pairs.shrink_to_fit();
        remotes.shrink_to_fit();
        triggered.shrink_to_fit();
        self.locals.shrink_to_fit();
    }

    /// The timers that follow from the state; `nominate` sets its own.
    pub(super) fn schedule(&mut self, now: Instant) {
        let ordinary = self.next_in_line().map(|_| self.next_ordinary);
        self.timers.set(Timer::Pace, ordinary);
        let checks = self.current.pairs.iter().filter_map(Pair::timeout).min();
        self.timers.set(Timer::Check, checks);
        self.timers.set(Timer::Backup, self.backup_due().map(|(due, _)| due));
        self.timers.set(Timer::Consent, self.carrier().and_then(|g| g.consent.next()));
        self.timers.set(Timer::Data, self.data_stops());
        self.timers.set(Timer::Relay, self.relay_timeout());
        let silence = [self.silent_from(), self.unanswered_from()].into_iter().flatten();
        self.timers.set(Timer::Silence, silence.filter(|from| *from > now).min());
        let expiry = self.config.consent_expiry;
        self.timers.set(Timer::Expiry, self.last_consent().map(|last| last + expiry));
        let previous = self.previous.as_ref().and_then(Generation::last_response);
        self.timers.set(Timer::Previous, previous.map(|last| last + expiry));
        let is_looking = self.carrier().is_none() && !self.current.expired;
        let patience = self.patient_until().filter(|until| is_looking && *until > now);
        self.timers.set(Timer::Patience, patience);
    }

    fn evaluate(&self, now: Instant) -> State {
        let generation = &self.current;
        let is_over = |time: Option<Instant>| time.is_some_and(|time| time <= now);
        // While its relay is reached anew, a pair may be in use that nothing can be sent on.
        if self.carrier().is_some() {
            return if is_over(self.silent_from()) {
                // W3C: a restart forgets that connectivity was lost.
                let restarting = generation.route.is_none();
                if restarting { State::Checking } else { State::Disconnected }
            } else if generation.selected.is_some() && self.is_complete() {
                State::Completed
            } else {
                State::Connected
            };
        }
        let has_pairs = !generation.pairs.is_empty();
        let waits = self.is_lite() && !generation.remotes.is_empty();
        let all_failed = generation.pairs.iter().all(|pair| pair.state == PairState::Failed);
        if generation.expired || all_failed && is_over(self.patient_until()) {
            State::Failed
        } else if all_failed && generation.lost.is_some() {
            // W3C: nothing is left to be checked, but candidates may come.
            State::Disconnected
        } else if self.state != State::New || generation.remote.is_some() && (has_pairs || waits) {
            State::Checking
        } else {
            State::New
        }
    }

    /// Neither side has more candidates.
    fn is_complete(&self) -> bool {
        self.current.remote_complete && self.gathering == GatheringState::Complete
    }

    /// How long failure of all pairs is not final: RFC 8863 §4. Not every peer says that it has no
    /// more candidates, so that cannot be waited for without end; one that comes late revives the
    /// agent anyway. It begins again when all that was valid is lost.
    fn patient_until(&self) -> Option<Instant> {
        let since = self.current.remote.as_ref()?.since;
        let since = self.current.lost.unwrap_or(since);
        let factor = if self.is_complete() { 1 } else { 2 };
        Some(since + self.config.patience.saturating_mul(factor))
    }
}
