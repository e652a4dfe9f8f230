//! Messages of the other side, put together from their fragments, RFC 6347 §4.2.3 and RFC 9147
//! §5.5.

use crate::wire::{Fragment, MessageKind};

use super::ranges::Ranges;

/// Messages ahead of the next one that are kept: more than any flight has.
const MOST_AHEAD: u16 = 10;
/// Pieces in which a message may lie here.
const MOST_PIECES: usize = 128;

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: MessageKind,
    pub(crate) sequence: u16,
    pub(crate) body: Vec<u8>,
}

/// What became of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is kept.
    Kept,
    /// It belongs to a message that has been taken before.
    Old,
    /// It is new, but its keys are old: the other side has said more with them than it may.
    Misplaced,
    /// It contradicts what is there, or there is no room.
    Refused,
}

/// Messages on their way in.
pub(crate) struct Inbox {
    /// The next message's number.
    next: u16,
    /// The epoch that it must come in.
    epoch: u64,
    partial: Vec<Partial>,
    excess: bool,
    /// Most bytes of all that is kept.
    room: usize,
}

struct Partial {
    kind: MessageKind,
    sequence: u16,
    epoch: u64,
    body: Vec<u8>,
    there: Ranges,
}

impl Inbox {
    /// Keeps at most `room` bytes.
    pub(crate) fn new(room: usize) -> Self {
        Self { next: 0, epoch: 0, partial: Vec::new(), excess: false, room }
    }

    /// From now on there is room for as much.
    pub(crate) fn widen(&mut self, room: usize) {
        self.room = room;
    }

    /// From now on messages come in this epoch. What lies here of older ones is let go of: less
    /// protected fragments must not become part of what is protected.
    pub(crate) fn expect_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
        self.excess |= self.partial.iter().any(|one| (1..epoch).contains(&one.epoch));
        self.partial.retain(|one| one.epoch >= epoch);
    }

    /// Whether the other side has said more in a protected epoch than it may: known once the
    /// message has been acted on that ends the epoch.
    pub(crate) fn has_excess(&self) -> bool {
        self.excess
    }

    /// Whether this is the end of the last message that was taken.
    pub(crate) fn is_last(&self, fragment: &Fragment<'_>) -> bool {
        let end = fragment.offset.saturating_add(fragment.body.len());
        fragment.sequence.wrapping_add(1) == self.next && end == fragment.length
    }

    /// Takes a fragment that came in `epoch`.
    pub(crate) fn insert(&mut self, epoch: u64, fragment: &Fragment<'_>) -> Verdict {
        let Fragment { kind, length, sequence, offset, body } = *fragment;
        let ahead = sequence.wrapping_sub(self.next);
        if ahead >= MOST_AHEAD {
            return if sequence < self.next { Verdict::Old } else { Verdict::Refused };
        }
        if epoch < self.epoch {
            return if epoch == 0 { Verdict::Refused } else { Verdict::Misplaced };
        }
        if body.is_empty() && length != 0 {
            // A part without content says nothing, and is no worse for it.
            return Verdict::Kept;
        }
        let found = self.partial.iter().position(|one| one.sequence == sequence);
        let found = match found.and_then(|at| self.partial.get(at).map(|one| (at, one.epoch))) {
            // A protected fragment displaces one that anybody may have sent.
            Some((at, before)) if before < epoch => {
                self.partial.remove(at);
                None
            }
            Some((_, before)) if before > epoch => return Verdict::Refused,
            other => other.map(|(at, _)| at),
        };
        let at = match found {
            Some(at) => at,
            None => {
                let kept: usize = self.partial.iter().map(|one| one.body.len()).sum();
                if length > self.room.saturating_sub(kept) {
                    return Verdict::Refused;
                }
                let (body, there) = (vec![0; length], Ranges::default());
                self.partial.push(Partial { kind, sequence, epoch, body, there });
                self.partial.len().saturating_sub(1)
            }
        };
        let Some(partial) = self.partial.get_mut(at) else { return Verdict::Refused };
        if partial.kind != kind || partial.body.len() != length {
            return Verdict::Refused;
        }
        let end = offset.saturating_add(body.len());
        if let Some(slot) = partial.body.get_mut(offset..end)
            && partial.there.pieces() < MOST_PIECES
        {
            slot.copy_from_slice(body);
            partial.there.add(offset, end);
            return Verdict::Kept;
        }
        Verdict::Refused
    }

    /// The next message, if all of it is there.
    pub(crate) fn pop(&mut self) -> Option<Message> {
        let at = self.partial.iter().position(|one| {
            one.sequence == self.next && one.epoch == self.epoch && one.there.cover(one.body.len())
        })?;
        let Partial { kind, sequence, body, .. } = self.partial.swap_remove(at);
        if self.partial.is_empty() {
            // After the handshake hardly anything comes.
            self.partial.shrink_to_fit();
        }
        self.next = self.next.wrapping_add(1);
        Some(Message { kind, sequence, body })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: MessageKind = MessageKind(11);

    fn fragment(sequence: u16, length: usize, offset: usize, body: &[u8]) -> Fragment<'_> {
        Fragment { kind: KIND, length, sequence, offset, body }
    }

    #[test]
    fn bounds_are_kept() {
        let mut inbox = Inbox::new(100);
        assert_eq!(inbox.insert(0, &fragment(0, 101, 0, &[7])), Verdict::Refused);
        assert_eq!(inbox.insert(0, &fragment(10, 5, 0, &[7])), Verdict::Refused);
        for sequence in 0..10 {
            let verdict = inbox.insert(0, &fragment(sequence, 10, 0, &[7]));
            assert_eq!(verdict, Verdict::Kept);
        }
        assert_eq!(inbox.partial.iter().map(|one| one.body.len()).sum::<usize>(), 100);
        // As many pieces as there may be.
        let mut inbox = Inbox::new(1000);
        for piece in 0..=MOST_PIECES {
            let verdict = inbox.insert(0, &fragment(0, 1000, 2 * piece, &[7]));
            assert_eq!(verdict == Verdict::Kept, piece < MOST_PIECES);
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let mut inbox = Inbox::new(100);
        assert_eq!(inbox.insert(0, &fragment(0, 4, 0, &[1, 2])), Verdict::Kept);
        assert_eq!(inbox.insert(0, &fragment(0, 5, 2, &[3, 4])), Verdict::Refused);
        let other = Fragment { kind: MessageKind(12), ..fragment(0, 4, 2, &[3, 4]) };
        assert_eq!(inbox.insert(0, &other), Verdict::Refused);
        assert_eq!(inbox.insert(0, &fragment(0, 4, 2, &[3, 4])), Verdict::Kept);
        assert_eq!(inbox.pop().map(|message| message.body), Some(vec![1, 2, 3, 4]));
        assert_eq!(inbox.insert(0, &fragment(0, 4, 2, &[3, 4])), Verdict::Old);
    }

    #[test]
    fn plain_fragments_do_not_become_part_of_protected_messages() {
        let mut inbox = Inbox::new(100);
        assert_eq!(inbox.insert(0, &fragment(0, 2, 0, &[1])), Verdict::Kept);
        inbox.expect_epoch(2);
        assert_eq!(inbox.insert(2, &fragment(0, 2, 1, &[2])), Verdict::Kept);
        assert_eq!(inbox.pop(), None);
        assert_eq!(inbox.insert(0, &fragment(0, 2, 0, &[1])), Verdict::Refused);
        // Ahead of time, a better protected one displaces the other.
        assert_eq!(inbox.insert(2, &fragment(1, 2, 0, &[1, 1])), Verdict::Kept);
        assert_eq!(inbox.insert(3, &fragment(1, 2, 0, &[3, 3])), Verdict::Kept);
        assert_eq!(inbox.insert(2, &fragment(1, 2, 0, &[1, 1])), Verdict::Refused);
        assert_eq!(inbox.insert(2, &fragment(0, 2, 0, &[1, 2])), Verdict::Kept);
        assert_eq!(inbox.pop().map(|message| message.body), Some(vec![1, 2]));
        assert_eq!(inbox.pop(), None);
        inbox.expect_epoch(3);
        assert_eq!(inbox.pop().map(|message| message.body), Some(vec![3, 3]));
    }

    #[test]
    fn more_may_not_be_said_with_old_keys() {
        let mut inbox = Inbox::new(100);
        inbox.expect_epoch(2);
        assert_eq!(inbox.insert(2, &fragment(0, 1, 0, &[1])), Verdict::Kept);
        assert!(inbox.pop().is_some());
        inbox.expect_epoch(3);
        assert_eq!(inbox.insert(2, &fragment(0, 1, 0, &[1])), Verdict::Old);
        assert_eq!(inbox.insert(2, &fragment(1, 1, 0, &[1])), Verdict::Misplaced);
        assert_eq!(inbox.insert(0, &fragment(1, 1, 0, &[1])), Verdict::Refused);
        assert!(!inbox.has_excess());
        // Nor before it is known that they are old.
        assert_eq!(inbox.insert(3, &fragment(2, 1, 0, &[1])), Verdict::Kept);
        inbox.expect_epoch(4);
        assert!(inbox.has_excess());
    }

    #[test]
    fn a_part_without_content_changes_nothing() {
        let mut inbox = Inbox::new(100);
        for offset in [0, 2, 4] {
            assert_eq!(inbox.insert(0, &fragment(0, 4, offset, &[])), Verdict::Kept);
            assert!(inbox.partial.is_empty());
        }
    }

    proptest! {
        #[test]
        fn messages_come_whole_and_in_order_however_they_are_cut(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..8),
            size in 1..30_usize,
            order in any::<prop::sample::Index>(),
            twice: bool,
        ) {
            let mut pieces = Vec::new();
            for (sequence, body) in (0..).zip(&bodies) {
                if body.is_empty() {
                    pieces.push(fragment(sequence, 0, 0, &[]));
                }
                for (i, part) in body.chunks(size).enumerate() {
                    pieces.push(fragment(sequence, body.len(), i * size, part));
                }
            }
            let turn = order.index(pieces.len());
            pieces.rotate_left(turn);
            if twice {
                pieces.extend(pieces.clone());
            }
            let mut inbox = Inbox::new(1000);
            let mut messages = Vec::new();
            for piece in &pieces {
                prop_assert_ne!(inbox.insert(0, piece), Verdict::Refused);
                messages.extend(core::iter::from_fn(|| inbox.pop()));
            }
            let got: Vec<_> = messages.into_iter().map(|message| message.body).collect();
            prop_assert_eq!(got, bodies);
            prop_assert!(inbox.partial.is_empty());
        }
    }
}
