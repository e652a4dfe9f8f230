//! Streams that start anew: after a reset (RFC 6525), after the other side's restart. And streams
//! that it does not take.

use super::queue::SendQueue;
use super::stream::Outgoing;
use super::turns::DEFAULT_PRIORITY;
use crate::ids::StreamId;
use crate::serial::Tsn;

impl SendQueue {
    /// Drops all that waits on streams from `limit` on, which the other side does not take; these
    /// streams.
    pub(crate) fn refuse_from(&mut self, limit: u16) -> Vec<StreamId> {
        let mut refused = Vec::new();
        for (id, stream) in self.streams.iter_mut() {
            if id.0 >= limit && !stream.queue.is_empty() {
                self.buffered -= stream.buffered;
                self.turns.leave(&mut stream.share);
                self.admission.release(stream.queue.front().map_or(0, |m| m.admitted));
                *stream = Outgoing::default();
                refused.push(id);
            }
        }
        (self.holder, self.first) = (self.holder.filter(|id| id.0 < limit), None);
        self.admission.remove(|id| id.0 >= limit);
        self.expendable.retain(|id| id.0 < limit);
        self.unpark();
        refused
    }

    /// Starts all streams anew after the other side's restart. Messages that were begun are lost.
    pub(crate) fn restart(&mut self) {
        for id in self.used() {
            if self.streams.get(id).is_some_and(Outgoing::is_begun) {
                self.drop_first(id);
            }
        }
        self.streams.iter_mut().for_each(|(_, stream)| stream.restart());
    }

    /// Streams on which something was sent or waits.
    pub(crate) fn used(&mut self) -> Vec<StreamId> {
        let used = |s: &Outgoing| s.last_tsn.is_some() || !s.queue.is_empty();
        self.streams.iter_mut().filter(|(_, s)| used(s)).map(|(id, _)| id).collect()
    }

    /// No message is taken for the stream until [`finish_reset`](Self::finish_reset).
    pub(crate) fn begin_reset(&mut self, id: StreamId) {
        self.streams.entry(id).resetting = true;
    }

    /// Whether all that was taken for a stream has been acknowledged.
    pub(crate) fn is_flushed(&self, id: StreamId, cumulative_ack: Tsn) -> bool {
        self.streams.get(id).is_none_or(|s| {
            s.queue.is_empty() && s.last_tsn.is_none_or(|last| !last.is_after(cumulative_ack))
        })
    }

    /// The stream may be used again: anew, or as if nothing had happened.
    pub(crate) fn finish_reset(&mut self, id: StreamId, numbers: Numbers) {
        if let Some(stream) = self.streams.get_mut(id) {
            stream.resetting = false;
            if numbers == Numbers::FromZero {
                stream.restart();
                stream.share.set_priority(DEFAULT_PRIORITY);
            }
        }
    }

    /// Whether a stream is being reset.
    pub(crate) fn is_resetting(&self, id: StreamId) -> bool {
        self.streams.get(id).is_some_and(|s| s.resetting)
    }
}

/// What a finished reset means for the numbers of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// They start from zero.
    FromZero,
    /// They go on.
    GoOn,
}
