//! Streams anew in our direction, RFC 6525 §5.1: how a data channel is closed (RFC 8831 §6.7).

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::ReConfig;
use crate::event::Event;
use crate::ids::StreamId;
use crate::outgoing::Numbers;
use crate::packet::{HEADER_LEN, PacketBuilder};
use crate::parameter::{
    OutgoingSsnReset, Parameters, ReConfigResponse, ReConfigResult, StreamList,
};
use crate::serial::{RequestNumber, Tsn};

/// Bytes of a chunk's header.
const HEADER: usize = 4;

/// Resets that we want.
#[derive(Debug)]
pub(super) struct Resets {
    /// Not requested yet: what was sent on them is not all acknowledged, or another request is.
    waiting: Vec<StreamId>,
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
    last_tsn: Tsn,
    streams: Vec<StreamId>,
}

impl Resets {
    pub(super) fn new(initial: Tsn) -> Self {
        let next = RequestNumber(initial.0);
        Self { waiting: Vec::new(), request: None, next, due: false }
    }

    /// The other side has forgotten all; what we wanted anew is so.
    pub(super) fn restart(&mut self, initial: Tsn) {
        *self = Self::new(initial);
    }

    pub(super) fn end(&mut self) {
        *self = Self::new(Tsn(self.next.0));
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
        self.request_resets(now);
    }

    /// Makes a request of the streams that are flushed, unless one is under way.
    pub(super) fn request_resets(&mut self, now: Instant) {
        let established = matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        );
        if self.resets.waiting.is_empty() || self.resets.request.is_some() || !established {
            return;
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
            return;
        }
        if !self.remote.re_config {
            return self.finish_resets(&streams, ReConfigResult::Denied);
        }
        let last_tsn = self.outstanding.next_tsn().previous();
        let number = self.resets.next;
        self.resets.next = number.next();
        self.resets.request = Some(Request { number, last_tsn, streams });
        self.resets.due = true;
        self.timers.set(Timer::ReConfig, now + self.rto.current());
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
                if let Some(request) = self.resets.request.take() {
                    self.finish_resets(&request.streams, result);
                }
                self.request_resets(now);
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
        if let Some(request) = self.resets.request.as_ref().filter(|_| self.resets.due) {
            let ids: Vec<u8> = request.streams.iter().flat_map(|id| id.0.to_be_bytes()).collect();
            OutgoingSsnReset {
                request: request.number,
                response: self.incoming_resets.last_seen(),
                last_tsn: request.last_tsn,
                streams: StreamList::new(&ids),
            }
            .write(&mut parameters);
        }
        if packet.room() < parameters.len() + HEADER {
            return;
        }
        self.resets.due = false;
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
