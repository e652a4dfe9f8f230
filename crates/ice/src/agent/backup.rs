//! Other ways than the one in use: kept alive while all is well, looked for when it is not.
//!
//! ```text
//! nominated ───────── 25 s ──────── 25 s ────────   the best other valid pair of each local address
//! silence   ─────────┬ all pairs are checked        nobody waits for consent to expire
//!                    └ one is answered: the controlling side nominates it
//! given up  ───────── 25 s ──────── 25 s ────────   better pairs that were valid once
//!                               └ one is answered: it is nominated
//! ```

use sansio::{Instant, Path, Transmit, Transport};

use crate::agent::generation::Remote;
use crate::agent::machine::Agent;
use crate::agent::pair::{Pair, PairId};
use crate::{CandidateKind, Event, PairState, Role, State};

impl Agent {
    /// Looks for other ways when the other side falls silent on the pair in use, and again when it
    /// has been silent so long that the state has changed from `before`. Perhaps a NAT has begun anew:
    /// then relays have lost sight of us too, and servers see us elsewhere.
    pub(super) fn look_elsewhere(&mut self, now: Instant, before: State) {
        let is_silent = self.is_silent(now);
        let begins = is_silent && !self.is_searching;
        self.is_searching = is_silent;
        if begins {
            self.events.push_back(Event::MappingDoubted);
        }
        if begins || self.state == State::Disconnected && before != self.state {
            self.search(now);
            self.doubt_relays(now);
        }
    }

    /// All pairs but the one in use are to be checked, those again that were given up, not looked at
    /// any more, or answered long ago.
    pub(super) fn search(&mut self, now: Instant) {
        // A stream that broke is connected anew, by another pair.
        let is_broken =
            |pair: &Pair| pair.path.transport == Transport::Tcp && pair.state == PairState::Failed;
        self.current.drop_pairs(is_broken);
        self.current.first_valid = None;
        let bases = self.locals.iter().filter(|local| local.candidate.kind.is_base());
        for local in bases.map(|local| local.id).collect::<Vec<_>>() {
            self.pair_local(local);
        }
        if self.is_lite() {
            return;
        }
        let route = self.current.route;
        let others = self.current.pairs.iter_mut().filter(|pair| Some(pair.id) != route);
        for pair in others {
            // What is sent again soon will do.
            let soon = now + self.config.rto;
            match &mut pair.check {
                Some(check) if check.transaction.poll_timeout() <= soon => {
                    pair.state = PairState::InProgress;
                    continue;
                }
                Some(check) => check.transaction.cancel(now),
                // It is being connected.
                None if pair.state == PairState::InProgress => continue,
                None => {}
            }
            pair.cancelled = pair.check.take().or(pair.cancelled.take());
            (pair.state, pair.parked) = (PairState::Waiting, false);
        }
    }

    /// A relay of ours has proved to see the other side at an address that nobody has signalled: its
    /// NAT has begun anew. Most give all of a socket's destinations one address (RFC 4787 §4.1), so
    /// it may be reached there directly too, and our check lets its own pass our NAT.
    ///
    /// RFC 8445 §7.3.1.3 pairs peer-reflexive candidates with nothing else, since signalling will
    /// bring them. In mid call it need not.
    pub(super) fn seen_by_relay(&mut self, id: PairId) {
        let Some(pair) = self.current.pair(id) else { return };
        let (path, remote) = (pair.path, pair.remote);
        let learnt =
            |r: &Remote| r.id == remote && r.candidate.kind == CandidateKind::PeerReflexive;
        let may_turn = self.current.selected.is_some() && (self.is_searching || self.may_turn());
        if may_turn
            && self.relay_of(path.local).is_some()
            && self.current.remotes.iter().any(learnt)
        {
            self.pair_remote(remote);
        }
    }

    /// Checks the backup whose time has come, or a pair that was given up.
    pub(super) fn send_backup(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let (_, id) = self.backup_due().filter(|(due, _)| *due <= now)?;
        self.send_check(now, id, buf)
    }

    /// The pair that is checked next, and when, once a pair is nominated: the best valid one of each
    /// local address that is not in use, and those that were better until they were given up.
    pub(super) fn backup_due(&self) -> Option<(Instant, PairId)> {
        let generation = &self.current;
        let interval = self.config.backup_interval?;
        let selected = generation.selected.and_then(|id| generation.pair(id))?;
        if generation.expired || self.is_lite() {
            return None;
        }
        let is_backup =
            |pair: &&Pair| pair.state == PairState::Succeeded && Some(pair.id) != generation.route;
        let is_best = |pair: &&Pair| {
            let others = generation.pairs.iter().filter(is_backup);
            let mut rivals = others.filter(|other| other.path.local == pair.path.local);
            rivals.all(|other| (other.priority, other.id.0) <= (pair.priority, pair.id.0))
        };
        let backups = generation.pairs.iter().filter(is_backup).filter(is_best);
        let idle = backups.filter(|pair| pair.check.is_none());
        let backups = idle.map(|pair| (pair.last_response, pair.id));
        let may_turn = self.may_turn();
        let was_better = |pair: &&Pair| {
            may_turn && pair.state == PairState::Failed && pair.priority > selected.priority
        };
        let given_up = generation.pairs.iter().filter(was_better);
        let all = backups.chain(given_up.map(|pair| (pair.given_up, pair.id)));
        all.filter_map(|(last, id)| Some((last? + interval, id))).min_by_key(|(due, _)| *due)
    }

    /// Whether the other side has fallen silent on the pair in use.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        let from = [self.silent_from(), self.unanswered_from()].into_iter().flatten().min();
        self.current.route.is_some() && from.is_some_and(|from| from <= now)
    }

    /// Application data came on another pair than the one in use, on which nothing is heard any
    /// more: the other side has moved. We follow, by nomination if that is ours to do. What was
    /// still under way when we moved is not taken for that; nor is data alone, which anybody can
    /// send: a message of ICE has to have come that way since.
    pub(super) fn sent_elsewhere(&mut self, now: Instant, path: Path) {
        let rtt = self.rtt().unwrap_or_default();
        let grace = self.config.nomination_patience.max(rtt.saturating_mul(2));
        if self.current.selected.is_none() || now < self.last_heard + grace {
            return;
        }
        let lifetime = self.config.consent_expiry;
        let is_there = |pair: &&Pair| {
            let authentic = pair.last_request.max(pair.last_response);
            pair.is_valid(now, lifetime) && authentic > Some(self.last_heard)
        };
        let pair = self.current.pair_on(path).filter(is_there);
        let Some((id, nominated)) = pair.map(|pair| (pair.id, pair.nominated.is_some())) else {
            return;
        };
        match self.role {
            Role::Controlled if nominated => self.select(now, id),
            Role::Controlling if self.current.nominating.is_none() => self.begin_nomination(id),
            _ => return,
        }
        self.settle(now);
    }
}
