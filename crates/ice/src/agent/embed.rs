//! Datagrams of others in checks and responses, draft-hancke-webrtc-sped.
//!
//! They ride in what goes anyway. A flight of several datagrams needs more messages than that, so
//! an extra check goes at once for each datagram that a pair has not carried yet, outside of Ta:
//!
//! ```text
//!  flight of 2:   ├ check (1) ├ extra check (2)                  ┤ check again: 1, then 2, …
//!  flight of 3:   ├ response (1) ├ triggered check (2) ├ extra check (3)
//! ```
//!
//! Flood: a datagram makes no more than one extra check a pair, and at most
//! [`Config::max_embedded_unheard`](crate::Config::max_embedded_unheard) checks carry anything
//! while nothing authentic comes back. Responses carry one datagram each, and answer an authentic
//! request.

use sansio::{Instant, Path, Transmit};
use stun::attribute::{Attribute, DtlsInStunAck, DtlsInStunData};
use stun::{Message, MessageBuilder, Schedule, Transaction, TransactionId};

use crate::agent::check::Request;
use crate::agent::machine::Agent;
use crate::agent::pair::{Check, Pair, PairId};
use crate::agent::slot::{Checksum, Load, Pause};
use crate::{Embedding, PairState};

/// Checksums of one acknowledgement that are looked at: twice as many as there should be.
const MAX_TAKEN: usize = 2 * DtlsInStunAck::MAX;

impl Agent {
    /// Says whether datagrams may ride in checks and responses. What is over stays over: after
    /// [`Embedding::Complete`], and after the other side turned out not to take part, nothing
    /// changes any more.
    pub fn set_embedding(&mut self, embedding: Embedding) {
        self.slot.set_embedding(embedding);
    }

    /// Whether datagrams ride in checks and responses.
    pub const fn embedding(&self) -> Embedding {
        self.slot.embedding()
    }

    /// A new flight begins, and the one before is forgotten: it was answered, or is being repeated.
    pub fn begin_flight(&mut self) {
        self.slot.begin_flight();
    }

    /// Adds a datagram to the flight: it rides until the other side has acknowledged it. Up to
    /// eight do; a ninth, and one that does not fit into a message (about 1000 bytes do), has to
    /// wait for a path. `sent`: when it went along the route as well.
    pub fn embed(&mut self, datagram: &[u8], sent: Option<Instant>) {
        self.slot.add(datagram, sent);
    }

    /// Whether something of the flight is not acknowledged yet.
    pub const fn is_embedding(&self) -> bool {
        !self.slot.is_empty()
    }

    /// Whether all that is not acknowledged of the flight went along the route: its answer is to be
    /// waited for. If not, it leads nowhere.
    pub fn is_embedded_on_route(&self) -> bool {
        let pair = self.carrier().and_then(|generation| generation.route_pair());
        self.embedding() == Embedding::On
            && pair.is_some_and(|pair| !self.slot.has_new_for(pair.load))
    }

    /// The next datagram that came inside of an authentic message. Those that were
    /// [acknowledged](Self::acknowledge) before are not given out again.
    pub fn poll_embedded(&mut self) -> Option<Vec<u8>> {
        self.slot.take_arrived()
    }

    /// The next messages acknowledge the datagram with this checksum, which came inside of a message
    /// or along the route, and was used.
    pub fn acknowledge(&mut self, checksum: Checksum) {
        self.slot.acknowledge(checksum);
    }

    /// Looks at what an authentic message has for the slot. `carried`: the checksum of what rode in
    /// the request that it answers. True: it has something.
    pub(super) fn take_embedded(
        &mut self,
        message: &Message<'_>,
        carried: Option<Checksum>,
    ) -> bool {
        if self.embedding() == Embedding::Off {
            return false;
        }
        let of = |kind| message.attributes().find(|attribute| attribute.kind == kind);
        let (ack, data) = (of(DtlsInStunAck::TYPE), of(DtlsInStunData::TYPE));
        if ack.is_none() && data.is_none() {
            self.slot.silence();
            return false;
        }
        self.slot.heard();
        if let Some(ack) = ack {
            let id = message.transaction_id();
            let listed = DtlsInStunAck::parse(ack.value, &id).ok();
            // Whoever answers a request with an acknowledgement has got what rode in it.
            let checksums = listed.into_iter().flat_map(|ack| ack.checksums().take(MAX_TAKEN));
            let checksums = checksums.map(Checksum::from_wire).chain(carried);
            checksums.for_each(|checksum| self.slot.acknowledged(checksum));
        }
        // An empty one says only that the other side takes part.
        if let Some(data) = data.filter(|data| !data.value.is_empty()) {
            let taken = self.slot.arrive(data.value, self.config.max_embedded_bytes);
            let counters = &mut self.counters;
            counters.embedded_received += u64::from(taken);
            counters.embedded_ignored += u64::from(!taken);
        }
        true
    }

    /// Adds what a response takes along: an acknowledgement if it was `asked` for, and a datagram
    /// while they ride.
    pub(super) fn embed_in_response<'o>(
        &mut self,
        now: Instant,
        path: Path,
        asked: bool,
        message: MessageBuilder<'o>,
    ) -> MessageBuilder<'o> {
        let pause = self.pause();
        let pair = self.current.pairs.iter_mut().find(|pair| pair.path == path);
        let (mut elsewhere, on) = (Load::default(), self.slot.embedding() == Embedding::On);
        let load = pair.map_or(&mut elsewhere, |pair| &mut pair.load);
        let pick = self.slot.pick(*load, now, pause);
        let embedded = match on {
            true => self.slot.embedded(pick),
            false => self.slot.acknowledgement().filter(|_| asked),
        };
        let Some(embedded) = embedded else { return message };
        let (message, carries) = embedded.append(message);
        if let Some(pick) = pick.filter(|_| carries) {
            self.counters.embedded_sent += 1;
            self.slot.sent(pick, now, load);
        }
        message
    }

    /// What a check on this pair may take along, if anything.
    pub(super) fn pick_embedded(&self, now: Instant, pair: &Pair) -> Option<usize> {
        let allowed = self.slot.unheard() < self.config.max_embedded_unheard;
        allowed.then(|| self.slot.pick(pair.load, now, self.pause())).flatten()
    }

    fn pause(&self) -> Pause {
        self.rtt().map_or(Pause::Pace(self.config.pace), Pause::Answer)
    }

    /// The pair of an extra check, if one is due: there is no route, and a pair is being checked
    /// that has not carried all of the flight. Where the other side has been heard goes first.
    pub(super) fn extra_pair(&self) -> Option<PairId> {
        let generation = &self.current;
        let idle = self.embedding() != Embedding::On || self.slot.is_empty();
        if idle || self.route.is_some() || generation.expired || generation.remote.is_none() {
            return None;
        }
        if self.slot.unheard() >= self.config.max_embedded_unheard {
            return None;
        }
        let is_heard = generation.pairs.iter().any(|pair| pair.heard);
        let eligible = generation.pairs.iter().filter(|pair| {
            pair.state == PairState::InProgress
                && pair.check.is_some()
                && pair.heard >= is_heard
                && self.slot.has_new_for(pair.load)
        });
        eligible.max_by_key(|pair| pair.priority).map(|pair| pair.id)
    }

    /// Sends an extra check: it is not repeated, but its answer counts.
    pub(super) fn send_extra(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let id = self.extra_pair()?;
        let schedule = Schedule { rto: self.rto(id), ..Schedule::default() };
        let transaction_id = TransactionId::random(&mut *self.rng);
        let mut transaction = Transaction::new(now, transaction_id, schedule);
        transaction.poll_transmit(now);
        transaction.cancel(now);
        let check = Check { transaction, role: self.role, nominates: None, carried: None };
        let pair = self.current.pair_mut(id)?;
        let request = Request::of(pair, &check);
        pair.stats.requests_sent += 1;
        pair.extras.push(check);
        self.send_request(now, (id, transaction_id), request, buf)
    }
}
