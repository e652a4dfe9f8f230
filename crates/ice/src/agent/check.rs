//! Connectivity checks on their way out, RFC 8445 §7.2.

use core::time::Duration;

use sansio::{Instant, Path, Transmit, Transport};
use stun::attribute::{IceControlled, IceControlling, Priority, UseCandidate, Username};
use stun::{MessageBuilder, Method, Schedule, Transaction, TransactionId};

use crate::agent::generation::{Generation, Name, RemoteParty};
use crate::agent::machine::Agent;
use crate::agent::nominate::Nomination;
use crate::agent::pair::{Check, Pair, PairId};
use crate::agent::slot::Embedded;
use crate::candidate::priority_as;
use crate::{CandidateKind, Implementation, PairState, Role};

/// What makes one request differ from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) path: Path,
    pub(super) id: TransactionId,
    pub(super) role: Role,
    pub(super) nominates: Option<Nomination>,
    /// The local candidate's.
    pub(super) priority: u32,
    /// Of ours.
    pub(super) name: Name,
}

impl Agent {
    /// Puts a pair in the queue that goes first, RFC 8445 §7.3.1.4.
    pub(super) fn trigger(&mut self, now: Instant, id: PairId) {
        let soon = now + self.rto(id);
        let (lifetime, selected) = (self.config.consent_expiry, self.current.selected);
        let Some(pair) = self.current.pair_mut(id) else { return };
        match pair.state {
            // What nobody has asked for long may have changed.
            PairState::Succeeded if selected == Some(id) || pair.is_valid(now, lifetime) => return,
            PairState::InProgress => {
                // A second cancelled check would push out the first, perhaps just before its
                // response arrives; one that is sent again soon will do.
                let next = pair.check.as_ref().map(|check| check.transaction.poll_timeout());
                if pair.cancelled.is_some() && next.is_some_and(|next| next <= soon) {
                    return;
                }
                pair.cancelled = pair.check.take();
                if let Some(check) = &mut pair.cancelled {
                    check.transaction.cancel(now);
                }
            }
            _ => {}
        }
        (pair.state, pair.parked) = (PairState::Waiting, false);
        if !self.current.triggered.contains(&id) {
            self.current.triggered.push_back(id);
        }
    }

    /// Sends the first request of a new check.
    pub(super) fn send_check(
        &mut self,
        now: Instant,
        id: PairId,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        if self.needs_stream(id) {
            self.connect(id);
            return None;
        }
        let nominates = self.check_nominates(id);
        let rto = self.rto(id);
        let (role, transaction_id) = (self.role, TransactionId::random(&mut *self.rng));
        let pair = self.current.pair_mut(id)?;
        let schedule = match pair.path.transport {
            // It was given up, and there is no hurry.
            Transport::Udp | Transport::Dtls if pair.state == PairState::Failed => {
                Schedule { rto, requests: 1, patience: 4 }
            }
            Transport::Udp | Transport::Dtls => Schedule { rto, ..Schedule::default() },
            // A stream repeats by itself.
            Transport::Tcp | Transport::Tls => Schedule::RELIABLE,
        };
        let mut transaction = Transaction::new(now, transaction_id, schedule);
        transaction.poll_transmit(now);
        let check = Check { transaction, role, nominates, carried: None };
        if pair.state != PairState::Succeeded {
            pair.state = PairState::InProgress;
        }
        pair.stats.requests_sent += 1;
        let request = Request::of(pair, &check);
        pair.check = Some(check);
        self.send_request(now, (id, transaction_id), request, buf)
    }

    /// Sends again what was not answered in time.
    pub(super) fn send_retransmission(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let (id, request) = self.current.pairs.iter_mut().find_map(|pair| {
            pair.check.as_mut()?.transaction.poll_transmit(now).then_some(())?;
            Some((pair.id, Request::of(pair, pair.check.as_ref()?)))
        })?;
        self.send_request(now, (id, request.id), request, buf)
    }

    /// Gives up what was not answered at all.
    pub(super) fn expire_checks(&mut self, now: Instant) {
        let is_over = |check: &mut Check| check.transaction.is_timed_out(now);
        let Generation { pairs, nominating, selected, .. } = &mut self.current;
        let before = pairs.len();
        for pair in pairs.iter_mut() {
            pair.cancelled.take_if(is_over);
            pair.extras.retain_mut(|check| !is_over(check));
            // A valid pair fails too when its nomination is not answered, RFC 8445 §8.1.1. About
            // the nominated one consent decides.
            if pair.check.take_if(is_over).is_some() {
                nominating.take_if(|id| *id == pair.id);
                if *selected != Some(pair.id) {
                    pair.state = PairState::Failed;
                    pair.given_up = pair.last_response.map(|_| now);
                }
            }
        }
        if selected.is_some() {
            // Nobody waits for them any more.
            pairs.retain(|pair| pair.is_trusted() || pair.state != PairState::Failed);
            if pairs.len() < before {
                pairs.shrink_to_fit();
            }
        }
    }

    /// Towards a lite agent the first check of the best pair nominates: it saves a round trip, and
    /// only a nominated pair makes a lite agent send.
    fn check_nominates(&self, id: PairId) -> Option<Nomination> {
        let generation = &self.current;
        let is_best = || {
            let contenders = generation.pairs.iter().filter(|pair| pair.state != PairState::Failed);
            contenders.max_by_key(|pair| pair.priority).is_some_and(|best| best.id == id)
        };
        let does = self.role == Role::Controlling
            && (generation.nominating == Some(id)
                || self.remote_implementation == Implementation::Lite
                    && generation.selected.is_none()
                    && is_best());
        does.then(|| self.nomination())
    }

    /// RFC 8445 §14.3: at least 500 ms, and so long that each pair gets its first check before any
    /// gets its second. More where the path is known to be longer.
    pub(super) fn rto(&self, id: PairId) -> Duration {
        let pairs = &self.current.pairs;
        let active =
            |pair: &&Pair| matches!(pair.state, PairState::Waiting | PairState::InProgress);
        let active = u32::try_from(pairs.iter().filter(active).count()).unwrap_or(u32::MAX);
        let pair = self.current.pair(id);
        let measured = pair.and_then(|pair| pair.stats.current_round_trip_time);
        let bound = pair.and_then(|pair| pair.at_most).map(|at_most| at_most.saturating_mul(5) / 4);
        let doubled = measured.map(|measured| measured.saturating_mul(2));
        let doubled = doubled.or(bound).unwrap_or_default();
        self.config.rto.max(self.config.pace.saturating_mul(active)).max(doubled)
    }

    /// Sends the request of a check, and notes what it carries.
    pub(super) fn send_request(
        &mut self,
        now: Instant,
        (id, transaction): (PairId, TransactionId),
        request: Request,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let pick = self.pick_embedded(now, self.current.pair(id)?);
        let remote = self.current.remote.as_ref()?;
        self.counters.requests_sent += 1;
        let embedded = self.slot.embedded(pick);
        let (transmit, carries) = request.write(remote, self.tie_breaker, embedded, buf);
        let pair = self.current.pair_mut(id)?;
        let carried = match pick {
            Some(pick) if carries => {
                self.counters.embedded_sent += 1;
                self.slot.count_unheard();
                self.slot.sent(pick, now, &mut pair.load)
            }
            _ => None,
        };
        if let Some(check) = pair.check_mut(transaction) {
            // Of a repetition it is not known which one was answered.
            let is_first = check.transaction.requests_sent() == 1;
            check.carried = carried.filter(|now| is_first || check.carried == Some(*now));
        }
        Some(transmit)
    }
}

impl Request {
    /// The request of a pair's check.
    pub(super) fn of(pair: &Pair, check: &Check) -> Self {
        Self {
            path: pair.path,
            id: check.transaction.id(),
            role: check.role,
            nominates: check.nominates,
            priority: pair.local_priority,
            name: pair.name,
        }
    }

    /// Appends it to `buf`, RFC 8445 §7.1. True: with the datagram that is to be embedded.
    pub(super) fn write(
        self,
        remote: &RemoteParty,
        tie_breaker: u64,
        embedded: Option<Embedded<'_>>,
        buf: &mut Vec<u8>,
    ) -> (Transmit<Path>, bool) {
        let start = buf.len();
        let mut message = MessageBuilder::request(buf, Method::BINDING, self.id);
        // Credentials are short enough for a USERNAME.
        if let Ok(username) = Username::new(remote.username(self.name)) {
            message = message.attribute(&username);
        }
        let kind = CandidateKind::PeerReflexive;
        let priority = priority_as(kind, self.path.transport, self.priority);
        message = message.attribute(&Priority(priority));
        message = match self.role {
            Role::Controlling => message.attribute(&IceControlling(tie_breaker)),
            Role::Controlled => message.attribute(&IceControlled(tie_breaker)),
        };
        if let Some(nomination) = self.nominates {
            message = message.attribute(&UseCandidate);
            if let Nomination::Numbered(number) = nomination {
                message = message.attribute(&stun::attribute::Nomination(number));
            }
        }
        let (message, carries) = match embedded {
            Some(embedded) => embedded.append(message),
            None => (message, false),
        };
        message.integrity(&remote.key).fingerprint();
        let len = buf.len() - start;
        (Transmit::new(self.path, len), carries)
    }
}
