//! Who may put how much into the send buffer: a channel may hold as much as it leaves free.
//!
//! One channel alone gets half of the buffer, two get a third each, `n` get `1 / (n + 1)` each: the
//! rest is for the next one, which so always finds room, however greedy the others are.
//!
//! A message that is larger than what its channel may hold is taken when the channel holds nothing
//! else, and counts as half of the buffer. So it keeps nobody out, and no more than three of that
//! kind can be here at a time.

use std::collections::VecDeque;

use sctp::StreamId;

use super::channel::ChannelId;

/// The send buffer of all channels.
#[derive(Debug)]
pub(super) struct Room {
    /// Its bytes.
    size: usize,
    /// Streams that hold a message larger than half of the buffer.
    large: Vec<StreamId>,
    /// Channels that were refused room, in turn.
    refused: VecDeque<Refused>,
    /// What all held at the last refusal.
    full: usize,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    id: ChannelId,
    stream: StreamId,
    /// What it held then.
    held: usize,
}

/// What is in the buffer.
pub(super) trait Buffered {
    /// Bytes that wait on a stream.
    fn on(&self, stream: StreamId) -> usize;
    /// Bytes that wait on all streams.
    fn total(&self) -> usize;
}

impl Buffered for sctp::Association {
    fn on(&self, stream: StreamId) -> usize {
        self.buffered_amount(stream)
    }

    fn total(&self) -> usize {
        self.total_buffered_amount()
    }
}

impl Room {
    pub(super) fn new(size: usize) -> Self {
        Self { size: size.max(1), large: Vec::new(), refused: VecDeque::new(), full: 0 }
    }

    /// Whether a message of `len` bytes may join what waits on `stream`.
    pub(super) fn admits(
        &mut self,
        buffered: &impl Buffered,
        stream: StreamId,
        len: usize,
    ) -> bool {
        let (held, free) = (buffered.on(stream), self.free(buffered));
        if held > 0 {
            return held.saturating_add(len) <= free;
        }
        let admitted = free > 0;
        if admitted && len > self.half() {
            self.large.push(stream);
        }
        admitted
    }

    /// A channel was told that there is no room, and wants to know when there is.
    pub(super) fn refuse(&mut self, buffered: &impl Buffered, id: ChannelId, stream: StreamId) {
        self.refused.push_back(Refused { id, stream, held: buffered.on(stream) });
        self.full = buffered.total();
    }

    /// Something left the buffer: the next channel that should try again.
    ///
    /// One has waited long enough when it holds half of what it held, or all together do: not one
    /// refusal for each packet. Each call looks at one channel, in turn, until all may try.
    pub(super) fn next_admitted(&mut self, buffered: &impl Buffered) -> Option<ChannelId> {
        let first = self.refused.pop_front()?;
        let all = buffered.total() <= self.full / 2;
        let alone = first.held > 0 && buffered.on(first.stream) <= first.held / 2;
        if all || alone {
            return Some(first.id);
        }
        self.refused.push_back(first);
        None
    }

    /// What the channels leave free.
    fn free(&mut self, buffered: &impl Buffered) -> usize {
        let half = self.half();
        self.large.retain(|&stream| buffered.on(stream) > half);
        let excess: usize = self.large.iter().map(|&stream| buffered.on(stream) - half).sum();
        self.size.saturating_sub(buffered.total() - excess)
    }

    fn half(&self) -> usize {
        self.size / 2
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{any, proptest};

    use super::*;

    #[derive(Debug, Default)]
    struct Queues(BTreeMap<StreamId, usize>);

    impl Buffered for Queues {
        fn on(&self, stream: StreamId) -> usize {
            self.0.get(&stream).copied().unwrap_or(0)
        }

        fn total(&self) -> usize {
            self.0.values().sum()
        }
    }

    impl Queues {
        /// Sends messages on a stream until one is refused.
        fn fill(&mut self, room: &mut Room, stream: u16, len: usize) -> usize {
            let stream = StreamId(stream);
            while room.admits(self, stream, len) {
                *self.0.entry(stream).or_default() += len;
                assert!(self.total() < 100_000, "nothing holds it back");
            }
            room.refuse(self, ChannelId(stream.0.into()), stream);
            self.on(stream)
        }
    }

    #[test]
    fn a_channel_alone_has_half_and_leaves_the_rest() {
        let (mut room, mut queues) = (Room::new(1000), Queues::default());
        assert_eq!(queues.fill(&mut room, 1, 10), 500);
        assert_eq!(queues.fill(&mut room, 2, 10), 250);
        assert_eq!(queues.fill(&mut room, 3, 10), 130);
        // The first one drains, and all have a part.
        queues.0.insert(StreamId(1), 0);
        assert!(queues.fill(&mut room, 2, 10) >= 300);
    }

    #[test]
    fn a_large_message_is_taken_alone_and_keeps_nobody_out() {
        let (mut room, mut queues) = (Room::new(1000), Queues::default());
        assert!(room.admits(&queues, StreamId(1), 50_000));
        queues.0.insert(StreamId(1), 50_000);
        assert!(!room.admits(&queues, StreamId(1), 1));
        assert_eq!(queues.fill(&mut room, 2, 10), 250);
        // No more than three of them at a time.
        assert!(room.admits(&queues, StreamId(3), 50_000));
        queues.0.insert(StreamId(3), 50_000);
        assert!(!room.admits(&queues, StreamId(4), 50_000));
        queues.0.insert(StreamId(2), 0);
        assert!(!room.admits(&queues, StreamId(4), 50_000));
        queues.0.insert(StreamId(1), 100);
        assert!(room.admits(&queues, StreamId(4), 50_000));
    }

    #[test]
    fn who_was_refused_is_told_when_half_is_gone() {
        let (mut room, mut queues) = (Room::new(1000), Queues::default());
        queues.fill(&mut room, 1, 10);
        assert_eq!(room.next_admitted(&queues), None);
        queues.0.insert(StreamId(1), 251);
        assert_eq!(room.next_admitted(&queues), None);
        queues.0.insert(StreamId(1), 250);
        assert_eq!(room.next_admitted(&queues), Some(ChannelId(1)));
        assert_eq!(room.next_admitted(&queues), None);
    }

    #[test]
    fn who_holds_nothing_is_told_when_others_made_room() {
        let (mut room, mut queues) = (Room::new(10), Queues::default());
        for stream in 0..10 {
            queues.0.insert(StreamId(stream), 1);
        }
        assert!(!room.admits(&queues, StreamId(10), 1));
        room.refuse(&queues, ChannelId(10), StreamId(10));
        for stream in 0..5 {
            assert_eq!(room.next_admitted(&queues), None);
            queues.0.insert(StreamId(stream), 0);
        }
        assert_eq!(room.next_admitted(&queues), Some(ChannelId(10)));
    }

    proptest! {
        /// Whatever is sent and drained: the bound holds, and whoever was refused is told once all
        /// has drained.
        #[test]
        fn the_bound_holds_and_nobody_is_forgotten(
            steps in proptest::collection::vec((0..4_u16, 1..3000_usize, any::<bool>()), 1..100),
        ) {
            let (mut room, mut queues) = (Room::new(1000), Queues::default());
            let mut refused = Vec::new();
            for (stream, len, drains) in steps {
                let (stream, id) = (StreamId(stream), ChannelId(stream.into()));
                if drains {
                    let left = queues.on(stream).saturating_sub(len);
                    queues.0.insert(stream, left);
                    let told = room.next_admitted(&queues);
                    refused.retain(|refused| Some(*refused) != told);
                } else if room.admits(&queues, stream, len) {
                    *queues.0.entry(stream).or_default() += len;
                } else if !refused.contains(&id) {
                    room.refuse(&queues, id, stream);
                    refused.push(id);
                }
                assert!(queues.total() <= 1000 + 3 * 3000);
            }
            queues.0.clear();
            while let Some(told) = room.next_admitted(&queues) {
                refused.retain(|refused| *refused != told);
            }
            assert!(refused.is_empty());
        }
    }
}
