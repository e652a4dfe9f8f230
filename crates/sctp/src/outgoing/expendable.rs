//! Messages that make room for others when the send buffer is full: the priority policy of RFC
//! 7496.

use std::collections::BTreeMap;

use crate::ids::StreamId;
use crate::message::Reliability;

/// The messages of that policy of which nothing was sent.
#[derive(Debug, Default)]
pub(super) struct Expendable {
    /// By what they are worth, where less is more, and by age.
    messages: BTreeMap<Worth, Place>,
}

/// What a message is worth, and how many were taken before it.
pub(super) type Worth = (u32, u64);

/// Where it waits, and its bytes.
type Place = (StreamId, usize);

impl Expendable {
    pub(super) fn add(&mut self, worth: Worth, stream: StreamId, bytes: usize) {
        self.messages.insert(worth, (stream, bytes));
    }

    /// A message is begun.
    pub(super) fn remove(&mut self, worth: Worth) {
        self.messages.remove(&worth);
    }

    /// Those to give up so that a message finds room for which so many bytes are missing: the
    /// youngest of those worth least. `None` if that does not suffice.
    pub(super) fn choose(
        &self,
        mut missing: usize,
        reliability: Reliability,
    ) -> Option<Vec<(Worth, StreamId)>> {
        let mut chosen = Vec::new();
        for (&worth, &(stream, bytes)) in self.messages.iter().rev() {
            // Messages of no or of another policy are worth more than all of these.
            let worth_less = !matches!(reliability, Reliability::Priority(n) if worth.0 <= n);
            if missing == 0 || !worth_less {
                break;
            }
            missing = missing.saturating_sub(bytes);
            chosen.push((worth, stream));
        }
        (missing == 0).then_some(chosen)
    }

    /// Streams that are no more.
    pub(super) fn retain(&mut self, kept: impl Fn(StreamId) -> bool) {
        self.messages.retain(|_, (stream, _)| kept(*stream));
    }
}
