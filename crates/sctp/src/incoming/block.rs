//! A block of memory that messages are cut from.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes taken from the allocator at a time. When all messages of a block are gone, it is used
/// again.
const BLOCK: usize = 128 << 10;
/// Blocks that are kept for another use, at most. A busy association has so much memory more, and
/// the allocator's pages need not be made anew for each 128 KiB that arrive.
const MAX_USED: usize = 4;

/// Blocks that are full: each serves again when nobody holds a message of it.
#[derive(Debug, Default)]
pub(super) struct Used {
    blocks: VecDeque<BytesMut>,
}

impl Used {
    /// One with room for `size` bytes.
    fn take(&mut self, size: usize) -> Option<BytesMut> {
        // The oldest is the likeliest. Who holds its messages for long shall not block the others.
        let mut block = self.blocks.pop_front()?;
        if block.try_reclaim(size) {
            return Some(block);
        }
        self.blocks.push_back(block);
        None
    }

    fn keep(&mut self, mut block: BytesMut) {
        block.clear();
        if self.blocks.len() >= MAX_USED {
            self.blocks.pop_front();
        }
        self.blocks.push_back(block);
    }

    /// Gives the memory back.
    pub(super) fn release(&mut self) {
        self.blocks = VecDeque::new();
    }
}

/// Where one message at a time is put together.
#[derive(Debug)]
pub(super) struct Block {
    bytes: BytesMut,
    /// Bytes taken from the allocator at least.
    size: usize,
}

impl Default for Block {
    fn default() -> Self {
        Self { bytes: BytesMut::new(), size: BLOCK }
    }
}

impl Block {
    /// One that takes what its message needs, at most twice as much.
    pub(super) fn small() -> Self {
        Self { bytes: BytesMut::new(), size: 0 }
    }

    /// Whether it serves many messages.
    pub(super) fn is_large(&self) -> bool {
        self.size > 0
    }

    #[inline]
    pub(super) fn append(&mut self, payload: &[u8], used: &mut Used) {
        if self.bytes.capacity() - self.bytes.len() < payload.len() {
            self.grow(payload.len(), used);
        }
        self.bytes.extend_from_slice(payload);
    }

    /// Bytes of the unfinished message.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The finished message.
    #[inline]
    pub(super) fn cut(&mut self) -> Bytes {
        self.bytes.split().freeze()
    }

    /// Gives the unfinished message up.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Gives the memory back when nothing is unfinished.
    pub(super) fn release(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
    }

    /// An unfinished message moves to the next block, and fills at most half of it: a byte moves
    /// once on average. When nobody holds a message of this block it is its own successor.
    #[cold]
    fn grow(&mut self, more: usize, used: &mut Used) {
        let unfinished = self.bytes.len();
        let size = self.size.max(unfinished * 2).max(unfinished + more);
        if !self.is_large() {
            self.bytes.reserve(size - unfinished);
        } else if !self.bytes.try_reclaim(size - unfinished) {
            let mut next = used.take(size).unwrap_or_else(|| BytesMut::with_capacity(size));
            next.extend_from_slice(&self.bytes);
            used.keep(core::mem::replace(&mut self.bytes, next));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Cuts messages of 1000 bytes, the last `held` of which are held; where blocks began.
    fn blocks(held: usize) -> usize {
        let (mut block, mut used) = (Block::default(), Used::default());
        let (mut messages, mut begun) = (VecDeque::new(), BTreeSet::new());
        for _ in 0..10_000 {
            let before = block.bytes.capacity();
            block.append(&[7; 1000], &mut used);
            let begins = block.bytes.capacity() > before;
            let message = block.cut();
            assert_eq!(&message[..], [7; 1000]);
            if begins {
                begun.insert(message.as_ptr());
            }
            messages.push_back(message);
            if messages.len() > held {
                messages.pop_front();
            }
        }
        begun.len()
    }

    #[test]
    fn full_blocks_serve_again() {
        // 10 MB fill 77 blocks. 300 messages lie in four at most; two more may wait their turn.
        assert_eq!(blocks(0), 1);
        assert!(blocks(300) <= 6, "{}", blocks(300));
    }

    #[test]
    fn a_message_that_is_held_for_long_keeps_one_block() {
        let (mut block, mut used) = (Block::default(), Used::default());
        block.append(&[1; 1000], &mut used);
        let held = block.cut();
        for _ in 0..1000 {
            block.append(&[7; 10_000], &mut used);
            block.cut();
            assert!(used.blocks.len() <= 2);
        }
        assert_eq!(&held[..], [1; 1000]);
    }

    #[test]
    fn no_more_than_four_are_kept() {
        let (mut block, mut used) = (Block::default(), Used::default());
        let held: Vec<_> = (0..1000)
            .map(|_| {
                block.append(&[7; 10_000], &mut used);
                block.cut()
            })
            .collect();
        assert_eq!((held.len(), used.blocks.len()), (1000, MAX_USED));
    }
}
