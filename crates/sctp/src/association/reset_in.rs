//! Streams anew in the other side's direction, and its other requests, RFC 6525 §5.2.

use sansio::Instant;

use super::state::{Association, State};
use crate::chunk::ReConfig;
use crate::event::Event;
use crate::ids::StreamId;
use crate::parameter::{OutgoingSsnReset, Parameter, ReConfigResponse, ReConfigResult};
use crate::serial::{RequestNumber, Tsn};

/// Answers that wait: a RE-CONFIG chunk holds two (RFC 6525 §3.1).
const MAX_RESPONSES: usize = 2;

/// Resets that the other side wants.
#[derive(Debug)]
pub(super) struct IncomingResets {
    /// Number of its next request.
    expected: RequestNumber,
    /// What we answered to the last one.
    last: Option<ReConfigResult>,
    /// A reset that waits for chunks sent before it.
    deferred: Option<Deferred>,
    responses: Vec<ReConfigResponse>,
}

#[derive(Debug)]
struct Deferred {
    request: RequestNumber,
    last_tsn: Tsn,
    streams: Vec<StreamId>,
}

impl IncomingResets {
    pub(super) fn new(initial: Tsn) -> Self {
        let expected = RequestNumber(initial.0);
        Self { expected, last: None, deferred: None, responses: Vec::new() }
    }

    pub(super) fn restart(&mut self, initial: Tsn) {
        *self = Self::new(initial);
    }

    /// Number of the last request that came.
    pub(super) fn last_seen(&self) -> RequestNumber {
        self.expected.previous()
    }

    pub(super) fn has_responses(&self) -> bool {
        !self.responses.is_empty()
    }

    pub(super) fn responses(&self) -> &[ReConfigResponse] {
        &self.responses
    }

    pub(super) fn clear_responses(&mut self) {
        self.responses.clear();
    }

    fn respond(&mut self, request: RequestNumber, result: ReConfigResult) {
        self.responses.retain(|waiting| waiting.request != request);
        if self.responses.len() < MAX_RESPONSES {
            self.responses.push(ReConfigResponse { request, result, next_tsns: None });
        }
    }
}

impl Association {
    /// RE-CONFIG from the other side.
    pub(super) fn handle_re_config(&mut self, now: Instant, re_config: &ReConfig<'_>) -> bool {
        if matches!(self.state, State::CookieWait { .. } | State::CookieEchoed { .. }) {
            return false;
        }
        for parameter in re_config.parameters.iter() {
            match parameter {
                Parameter::ReConfigResponse(response) => {
                    self.handle_reset_response(now, &response);
                }
                Parameter::OutgoingSsnReset(reset) => {
                    self.answer(reset.request, |this| this.reset_incoming(&reset));
                }
                Parameter::IncomingSsnReset(reset) => {
                    self.answer(reset.request, |this| {
                        let streams: Vec<_> = reset.streams.iter().collect();
                        this.reset_on_request(now, &streams)
                    });
                }
                Parameter::SsnTsnReset(p) => self.deny(p.request),
                Parameter::AddOutgoingStreams(p) => {
                    self.answer(p.request, |this| this.add_inbound(p.count));
                }
                Parameter::AddIncomingStreams(p) => {
                    self.answer(p.request, |this| this.add_outbound_on_request(p.count));
                }
                _ => {}
            }
        }
        true
    }

    /// Does what waited for chunks that have arrived by now.
    pub(super) fn perform_deferred_reset(&mut self) {
        let cumulative = self.reassembly.cumulative();
        let waits = |deferred: &Deferred| deferred.last_tsn.is_after(cumulative);
        if self.incoming_resets.deferred.as_ref().is_none_or(waits) {
            return;
        }
        if let Some(deferred) = self.incoming_resets.deferred.take() {
            self.perform_reset(&deferred.streams);
            self.incoming_resets.last = Some(ReConfigResult::Performed);
            self.incoming_resets.respond(deferred.request, ReConfigResult::Performed);
        }
    }

    /// §5.2.1: a request is acted on once; a repeated one gets the same answer.
    fn answer(&mut self, request: RequestNumber, act: impl FnOnce(&mut Self) -> ReConfigResult) {
        let expected = self.incoming_resets.expected;
        let result = if request == expected {
            // A new request means that the one before is settled for the other side.
            self.incoming_resets.deferred = None;
            self.incoming_resets.expected = expected.next();
            let result = act(self);
            self.incoming_resets.last = Some(result);
            result
        } else if request == expected.previous()
            && let Some(last) = self.incoming_resets.last
        {
            last
        } else {
            ReConfigResult::BadSequenceNumber
        };
        self.incoming_resets.respond(request, result);
    }

    fn deny(&mut self, request: RequestNumber) {
        self.answer(request, |_| ReConfigResult::Denied);
    }

    /// §5.2.2.
    fn reset_incoming(&mut self, reset: &OutgoingSsnReset<'_>) -> ReConfigResult {
        if reset.streams.iter().any(|id| id.0 >= self.remote.inbound_streams) {
            return ReConfigResult::WrongSsn;
        }
        let streams: Vec<_> = reset.streams.iter().collect();
        if reset.last_tsn.is_after(self.reassembly.cumulative()) {
            let (request, last_tsn) = (reset.request, reset.last_tsn);
            self.incoming_resets.deferred = Some(Deferred { request, last_tsn, streams });
            return ReConfigResult::InProgress;
        }
        self.perform_reset(&streams);
        ReConfigResult::Performed
    }

    /// §5.2.3: as if our application had asked, with everything sent first. Our request answers.
    fn reset_on_request(&mut self, now: Instant, streams: &[StreamId]) -> ReConfigResult {
        if streams.iter().any(|id| id.0 >= self.remote.outbound_streams) {
            return ReConfigResult::WrongSsn;
        }
        match streams {
            [] => {
                let used = self.queue.used();
                self.reset_streams(now, &used);
            }
            streams => self.reset_streams(now, streams),
        }
        ReConfigResult::InProgress
    }

    fn perform_reset(&mut self, streams: &[StreamId]) {
        let all = if streams.is_empty() { self.delivery.used() } else { Vec::new() };
        for &id in streams.iter().chain(&all) {
            self.delivery.reset(id);
            self.reassembly.reset(id);
            self.events.push_back(Event::IncomingStreamReset(id));
        }
    }
}
