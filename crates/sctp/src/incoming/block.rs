//! A block of memory that messages are cut from.

use bytes::{Bytes, BytesMut};

/// Bytes taken from the allocator at a time. When all messages of a block are gone, it is used
/// again.
const BLOCK: usize = 128 << 10;

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
    pub(super) fn append(&mut self, payload: &[u8]) {
        if self.bytes.capacity() - self.bytes.len() < payload.len() {
            self.grow(payload.len());
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
    fn grow(&mut self, more: usize) {
        let unfinished = self.bytes.len();
        let size = self.size.max(unfinished * 2).max(unfinished + more);
        self.bytes.reserve(size - unfinished);
    }
}
