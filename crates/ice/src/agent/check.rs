//! Connectivity checks on their way out, RFC 8445 §7.2.

use core::time::Duration;

use sansio::{Ecn, Instant, Path, Transmit};
use stun::attribute::{IceControlled, IceControlling, Priority, UseCandidate, Username};
use stun::{MessageBuilder, Method, Schedule, Transaction, TransactionId};

use crate::agent::generation::{Generation, RemoteParty};
use crate::agent::machine::Agent;
use crate::agent::pair::{Check, Pair, PairId};
use crate::candidate::priority_as;
use crate::{CandidateKind, Implementation, PairState, Role};

/// What makes one request differ from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) path: Path,
    pub(super) id: TransactionId,
    pub(super) role: Role,
    pub(super) nominates: bool,
    /// The local candidate's.
    pub(super) priority: u32,
}

impl Agent {
    /// Puts a pair in the queue that goes first, RFC 8445 §7.3.1.4.
    pub(super) fn trigger(&mut self, now: Instant, id: PairId) {
        let Some(pair) = self.current.pair_mut(id) else { return };
        match pair.state {
            PairState::Succeeded => return,
            PairState::InProgress => {
                // A second cancelled check would push out the first, perhaps just before its
                // response arrives; one that is already a repetition will do.
                if pair.cancelled.is_some() {
                    return;
                }
                pair.cancelled = pair.check.take();
                if let Some(check) = &mut pair.cancelled {
                    check.transaction.cancel(now);
                }
            }
            PairState::Frozen | PairState::Waiting | PairState::Failed => {}
        }
        pair.state = PairState::Waiting;
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
        let nominates = self.check_nominates(id);
        let rto = self.rto(id);
        let (role, transaction_id) = (self.role, TransactionId::random(&mut *self.rng));
        let pair = self.current.pair_mut(id)?;
        let schedule = Schedule { rto, ..Schedule::default() };
        let mut transaction = Transaction::new(now, transaction_id, schedule);
        transaction.poll_transmit(now);
        pair.check = Some(Check { transaction, role, nominates });
        if pair.state != PairState::Succeeded {
            pair.state = PairState::InProgress;
        }
        pair.stats.requests_sent += 1;
        let request = Request::of(pair)?;
        self.send_request(request, buf)
    }

    /// Sends again what was not answered in time.
    pub(super) fn send_retransmission(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let request = self.current.pairs.iter_mut().find_map(|pair| {
            pair.check.as_mut()?.transaction.poll_transmit(now).then_some(())?;
            Request::of(pair)
        })?;
        self.send_request(request, buf)
    }

    /// Gives up what was not answered at all.
    pub(super) fn expire_checks(&mut self, now: Instant) {
        let is_over = |check: &mut Check| check.transaction.is_timed_out(now);
        let Generation { pairs, nominating, selected, .. } = &mut self.current;
        for pair in pairs {
            pair.cancelled.take_if(is_over);
            // A valid pair fails too when its nomination is not answered, RFC 8445 §8.1.1. About
            // the nominated one consent decides.
            if pair.check.take_if(is_over).is_some() && *selected != Some(pair.id) {
                pair.state = PairState::Failed;
                nominating.take_if(|id| *id == pair.id);
            }
        }
    }

    /// Towards a lite agent the first check of the best pair nominates: it saves a round trip, and
    /// only a nominated pair makes a lite agent send.
    fn check_nominates(&self, id: PairId) -> bool {
        let generation = &self.current;
        let is_best = || {
            let contenders = generation.pairs.iter().filter(|pair| pair.state != PairState::Failed);
            contenders.max_by_key(|pair| pair.priority).is_some_and(|best| best.id == id)
        };
        self.role == Role::Controlling
            && (generation.nominating == Some(id)
                || self.remote_implementation == Implementation::Lite && is_best())
    }

    /// RFC 8445 §14.3: at least 500 ms, and so long that each pair gets its first check before any
    /// gets its second. More where the path is known to be longer.
    pub(super) fn rto(&self, id: PairId) -> Duration {
        let pairs = &self.current.pairs;
        let active =
            |pair: &&Pair| matches!(pair.state, PairState::Waiting | PairState::InProgress);
        let active = u32::try_from(pairs.iter().filter(active).count()).unwrap_or(u32::MAX);
        let measured = self.current.pair(id).and_then(|pair| pair.stats.current_round_trip_time);
        let doubled = measured.unwrap_or_default().saturating_mul(2);
        self.config.rto.max(self.config.pace.saturating_mul(active)).max(doubled)
    }

    fn send_request(&mut self, request: Request, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let remote = self.current.remote.as_ref()?;
        self.counters.requests_sent += 1;
        Some(request.write(remote, self.tie_breaker, buf))
    }
}

impl Request {
    /// The request of a pair's check.
    fn of(pair: &Pair) -> Option<Self> {
        let Check { transaction, role, nominates } = pair.check.as_ref()?;
        Some(Self {
            path: pair.path,
            id: transaction.id(),
            role: *role,
            nominates: *nominates,
            priority: pair.local_priority,
        })
    }

    /// Appends it to `buf`, RFC 8445 §7.1.
    pub(super) fn write(
        self,
        remote: &RemoteParty,
        tie_breaker: u64,
        buf: &mut Vec<u8>,
    ) -> Transmit<Path> {
        let start = buf.len();
        let mut message = MessageBuilder::request(buf, Method::BINDING, self.id);
        // Credentials are short enough for a USERNAME.
        if let Ok(username) = Username::new(&remote.username) {
            message = message.attribute(&username);
        }
        let priority = priority_as(CandidateKind::PeerReflexive, self.priority);
        message = message.attribute(&Priority(priority));
        message = match self.role {
            Role::Controlling => message.attribute(&IceControlling(tie_breaker)),
            Role::Controlled => message.attribute(&IceControlled(tie_breaker)),
        };
        if self.nominates {
            message = message.attribute(&UseCandidate);
        }
        message.integrity(&remote.key).fingerprint();
        Transmit { path: self.path, ecn: Ecn::NotEct, len: buf.len() - start }
    }
}
