//! Streams anew in our direction, RFC 6525 §5.1: how a data channel is closed (RFC 8831 §6.7). And
//! what all requests have in common: one is under way at a time, sent again until it is answered.

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::ReConfig;
use crate::event::Event;
use crate::ids::StreamId;
use crate::outgoing::Numbers;
use crate::packet::{HEADER_LEN, PacketBuilder};
use crate::parameter::{
    AddIncomingStreams, AddOutgoingStreams, OutgoingSsnReset, Parameters, ReConfigResponse,
    ReConfigResult, StreamList,
};
use crate::serial::{RequestNumber, Tsn};

/// Bytes of a chunk's header.
const HEADER: usize = 4;

/// Requests that we have.
#[derive(Debug)]
pub(super) struct Resets {
    /// Not requested yet: what was sent on them is not all acknowledged, or another request is.
    waiting: Vec<StreamId>,
    /// More streams, not requested yet.
    more: MoreStreams,
    request: Option<Request>,
    /// Number of the next request.
    next: RequestNumber,
    /// The request is to be sent.
    due: bool,
}

/// The one request that may be under way, RFC 6525 §5.1.1.
#[derive(Debug)]
struct Request {
    number: RequestNumber,
    what: What,
}

#[derive(Debug)]
enum What {
    Reset { last_tsn: Tsn, streams: Vec<StreamId> },
    AddOutgoing(u16),
    AddIncoming(u16),
}

/// How many more.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MoreStreams {
    pub(super) outbound: u16,
    pub(super) inbound: u16,
}

impl Request {
    /// Whether it may stand behind so many answers: a chunk has two parameters at most, and a
    /// request to add streams is not among those that go with an answer (RFC 6525 §3.1).
    fn may_follow(&self, answers: usize) -> bool {
        match self.what {
            What::Reset { .. } => answers <= 1,
            What::AddOutgoing(_) | What::AddIncoming(_) => answers == 0,
        }
    }

    fn write(&self, response: RequestNumber, parameters: &mut Vec<u8>) {
        let request = self.number;
        match &self.what {
            What::Reset { last_tsn, streams } => {
                let ids: Vec<u8> = streams.iter().flat_map(|id| id.0.to_be_bytes()).collect();
                let streams = StreamList::new(&ids);
                OutgoingSsnReset { request, response, last_tsn: *last_tsn, streams }
                    .write(parameters);
            }
            What::AddOutgoing(count) => {
                AddOutgoingStreams { request, count: *count }.write(parameters);
            }
            What::AddIncoming(count) => {
                AddIncomingStreams { request, count: *count }.write(parameters);
            }
        }
    }
}

impl Resets {
    pub(super) fn new(initial: Tsn) -> Self {
        let next = RequestNumber(initial.0);
        let more = MoreStreams::default();
        Self { waiting: Vec::new(), more, request: None, next, due: false }
    }

    /// The other side has forgotten all; what we wanted anew is so.
    pub(super) fn restart(&mut self, initial: Tsn) {
        *self = Self::new(initial);
    }

    pub(super) fn end(&mut self) {
        *self = Self::new(Tsn(self.next.0));
    }

    /// More streams shall be asked for. The caller sees to it that there are not too many.
    pub(super) fn want_streams(&mut self, outbound: u16, inbound: u16) {
        self.more.outbound = self.more.outbound.saturating_add(outbound);
        self.more.inbound = self.more.inbound.saturating_add(inbound);
    }

    /// More streams that were or shall be asked for.
    pub(super) fn asked(&self) -> MoreStreams {
        let MoreStreams { mut outbound, mut inbound } = self.more;
        match self.request.as_ref().map(|request| &request.what) {
            Some(What::AddOutgoing(count)) => outbound = outbound.saturating_add(*count),
            Some(What::AddIncoming(count)) => inbound = inbound.saturating_add(*count),
            Some(What::Reset { .. }) | None => {}
        }
        MoreStreams { outbound, inbound }
    }

    /// Whether a stream waits for what was sent on it.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Association {
    /// Starts streams anew in our direction, once everything sent on them has arrived: the other
    /// side sees [`Event::IncomingStreamReset`], we see [`Event::OutgoingStreamReset`]. Until then
    /// nothing can be sent on them. Streams that do not exist or are being reset are passed over.
    pub fn reset_streams(&mut self, now: Instant, streams: &[StreamId]) {
        if matches!(self.state, State::Ended) {
            return;
        }
        for &id in streams {
            if id.0 < self.remote.outbound_streams && !self.queue.is_resetting(id) {
                self.queue.begin_reset(id);
                self.resets.waiting.push(id);
            }
        }
        self.request_re_config(now);
        if self.resets.is_waiting() {
            // What is on its way may be acknowledged late.
            self.schedule_probe(now);
        }
    }

    /// Makes the next request, unless one is under way.
    pub(super) fn request_re_config(&mut self, now: Instant) {
        let established = matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        );
        if self.resets.request.is_some() || !established {
            return;
        }
        let more = &mut self.resets.more;
        let what = if more.outbound > 0 {
            Some(What::AddOutgoing(core::mem::take(&mut more.outbound)))
        } else if more.inbound > 0 {
            Some(What::AddIncoming(core::mem::take(&mut more.inbound)))
        } else {
            self.next_reset()
        };
        let Some(what) = what else { return };
        let number = self.resets.next;
        self.resets.next = number.next();
        self.resets.request = Some(Request { number, what });
        self.resets.due = true;
        self.timers.set(Timer::ReConfig, now + self.rto.current());
    }

    /// A request for the streams that are flushed.
    fn next_reset(&mut self) -> Option<What> {
        if self.resets.waiting.is_empty() {
            return None;
        }
        let cumulative_ack = self.outstanding.cumulative_ack();
        let queue = &self.queue;
        let room = self.config.max_packet_size.saturating_sub(HEADER_LEN + 64) / 2;
        let mut streams = Vec::new();
        self.resets.waiting.retain(|id| {
            let ready = streams.len() < room && queue.is_flushed(*id, cumulative_ack);
            if ready {
                streams.push(*id);
            }
            !ready
        });
        if streams.is_empty() {
            return None;
        }
        if !self.remote.re_config {
            self.finish_resets(&streams, ReConfigResult::Denied);
            return None;
        }
        Some(What::Reset { last_tsn: self.outstanding.next_tsn().previous(), streams })
    }

    /// The other side's answer, §5.2.7.
    pub(super) fn handle_reset_response(&mut self, now: Instant, response: &ReConfigResponse) {
        let number = self.resets.request.as_ref().map(|request| request.number);
        if number != Some(response.request) {
            return;
        }
        self.sending.errors = 0;
        match response.result {
            // The timer sends the request again.
            ReConfigResult::InProgress | ReConfigResult::RequestInProgress => {}
            result => {
                self.timers.stop(Timer::ReConfig);
                match self.resets.request.take().map(|request| request.what) {
                    Some(What::Reset { streams, .. }) => self.finish_resets(&streams, result),
                    Some(What::AddOutgoing(count)) => self.outbound_answered(count, result),
                    Some(What::AddIncoming(_)) => self.inbound_answered(result),
                    None => {}
                }
                self.request_re_config(now);
            }
        }
    }

    /// No answer came.
    pub(super) fn retransmit_re_config(&mut self, now: Instant) {
        if self.resets.request.is_some() && self.count_error() {
            self.resets.due = true;
            self.rto.back_off();
            self.timers.set(Timer::ReConfig, now + self.rto.current());
        }
    }

    /// Appends RE-CONFIG: an answer and a request, as far as there are.
    pub(super) fn write_re_config(&mut self, packet: &mut PacketBuilder<'_>) {
        if !self.resets.due && !self.incoming_resets.has_responses() {
            return;
        }
        let mut parameters = Vec::new();
        for response in self.incoming_resets.responses() {
            response.write(&mut parameters);
        }
        let answers = self.incoming_resets.responses().len();
        let fits = |request: &&Request| self.resets.due && request.may_follow(answers);
        let request = self.resets.request.as_ref().filter(fits);
        let requested = request.is_some();
        if let Some(request) = request {
            request.write(self.incoming_resets.last_seen(), &mut parameters);
        }
        if packet.room() < parameters.len() + HEADER {
            return;
        }
        self.resets.due &= !requested;
        self.incoming_resets.clear_responses();
        if let Ok(parameters) = Parameters::parse(&parameters) {
            ReConfig { parameters }.write(packet.out());
        }
    }

    fn finish_resets(&mut self, streams: &[StreamId], result: ReConfigResult) {
        let done = matches!(result, ReConfigResult::Performed | ReConfigResult::NothingToDo);
        for &id in streams {
            let numbers = if done { Numbers::FromZero } else { Numbers::GoOn };
            self.queue.finish_reset(id, numbers);
            self.events.push_back(match done {
                true => Event::OutgoingStreamReset(id),
                false => Event::OutgoingStreamResetFailed(id),
            });
        }
    }
}
