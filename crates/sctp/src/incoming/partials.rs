//! I-DATA chunks to messages, by message identifier and fragment sequence number, RFC 8260 §2.2.3.
//!
//! Each message that is not complete has a place of its own, in which it grows, one copy a byte. A
//! fragment that came before its turn waits there for those before it.

use core::ops::RangeInclusive;
use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::block::{Block, Used};
use crate::chunk::{IData, Part};
use crate::ids::{Ppid, StreamId};
use crate::message::{Message, Order};
use crate::serial::Mid;

/// What a message that is not complete costs besides its payload, so that a flood of them closes
/// the window.
const PARTIAL_OVERHEAD: usize = 256;
/// What a fragment that came before its turn costs besides its payload.
const FRAGMENT_OVERHEAD: usize = 64;
/// Blocks that messages are cut from. When all of them have a message growing, further ones grow
/// in memory of their own.
const BLOCKS: usize = 4;

/// The messages that are not complete.
#[derive(Debug, Default)]
pub(super) struct Partials {
    messages: BTreeMap<Key, Partial>,
    /// Blocks in which nothing grows, and how many there are with the others.
    spare: Vec<Block>,
    used: Used,
    blocks: usize,
    /// Payload and overhead of all that is here.
    held: usize,
}

/// Which message: its stream, its kind, its number, from the highest bits to the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

#[derive(Debug)]
struct Partial {
    /// All fragments before `next`.
    body: Block,
    ppid: Ppid,
    next: u32,
    /// Number of the last fragment, once it came.
    last: Option<u32>,
    /// Fragments after `next`, in order.
    early: VecDeque<(u32, Bytes)>,
    /// Payload of all of them.
    len: usize,
}

/// What became of a fragment.
#[derive(Debug)]
pub(super) enum Taken {
    /// Its message is not complete, or it fits no message and is dropped.
    Kept,
    /// It was the one that was missing.
    Complete(Message),
    /// Its message is larger than we take.
    TooLarge,
}

/// What a fragment is to its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// One of several.
    Kept,
    /// The one that was missing.
    Complete,
    /// It does not go with the others.
    Misfit,
    /// It makes it larger than we take.
    TooLarge,
}

impl Partials {
    /// Takes a fragment, of a message of at most `max` bytes.
    pub(super) fn accept(&mut self, data: &IData<'_>, max: usize) -> Taken {
        if data.payload.len() > max {
            return Taken::TooLarge;
        }
        let order = if data.unordered { Order::Unordered } else { Order::Ordered };
        let key = Key::new(data.stream, order, data.mid.0);
        if let (Part::First(ppid), true) = (data.part, data.end) {
            // Whole. What claims to be the same message is not.
            self.remove(key);
            return Taken::Complete(self.whole(order, ppid, data.payload));
        }
        if data.part == Part::Later(0) {
            return Taken::Kept;
        }
        if let Some(partial) = self.messages.get_mut(&key) {
            let before = partial.cost();
            let taken = partial.take(data, max, &mut self.used);
            self.held = self.held + partial.cost() - before;
            match taken {
                Fit::Kept => return Taken::Kept,
                Fit::TooLarge => return Taken::TooLarge,
                Fit::Complete => {
                    let (ppid, payload) = (partial.ppid, partial.body.cut());
                    self.remove(key);
                    return Taken::Complete(Message { ppid, order, payload });
                }
                Fit::Misfit => self.remove(key),
            }
            return Taken::Kept;
        }
        let mut partial = Partial::new(self.block());
        if partial.take(data, max, &mut self.used) == Fit::Kept {
            self.held += PARTIAL_OVERHEAD + partial.cost();
            self.messages.insert(key, partial);
        } else {
            self.spare(partial.body);
        }
        Taken::Kept
    }

    /// Gives up the messages of one kind and stream up to and with `mid`.
    pub(super) fn skip(&mut self, stream: StreamId, order: Order, mid: Mid) {
        // Half of all numbers come before: they end with `mid`, and begin behind the wrap perhaps.
        let first = mid.0.wrapping_sub((1 << 31) - 1);
        if first <= mid.0 {
            self.remove_range(stream, order, first..=mid.0);
        } else {
            self.remove_range(stream, order, 0..=mid.0);
            self.remove_range(stream, order, first..=u32::MAX);
        }
    }

    /// Gives up all messages of a stream.
    pub(super) fn reset(&mut self, stream: StreamId) {
        for order in [Order::Ordered, Order::Unordered] {
            self.remove_range(stream, order, 0..=u32::MAX);
        }
    }

    /// Payload and overhead of all that is here.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Gives memory back that only a busy association needs.
    pub(super) fn release(&mut self) {
        self.blocks -= self.spare.len();
        self.spare = Vec::new();
        self.used.release();
    }

    fn remove_range(&mut self, stream: StreamId, order: Order, mids: RangeInclusive<u32>) {
        let key = |mid| Key::new(stream, order, mid);
        let range = key(*mids.start())..=key(*mids.end());
        while let Some((&key, _)) = self.messages.range(range.clone()).next() {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: Key) {
        let Some(mut partial) = self.messages.remove(&key) else { return };
        self.held -= PARTIAL_OVERHEAD + partial.cost();
        partial.body.clear();
        self.spare(partial.body);
    }

    /// A block in which nothing grows.
    fn spare(&mut self, block: Block) {
        if block.is_large() {
            self.spare.push(block);
        }
    }

    /// A message of one chunk.
    fn whole(&mut self, order: Order, ppid: Ppid, payload: &[u8]) -> Message {
        let mut block = self.block();
        block.append(payload, &mut self.used);
        let payload = block.cut();
        self.spare(block);
        Message { ppid, order, payload }
    }

    fn block(&mut self) -> Block {
        if let Some(block) = self.spare.pop() {
            return block;
        }
        if self.blocks >= BLOCKS {
            return Block::small();
        }
        self.blocks += 1;
        Block::default()
    }
}

impl Key {
    #[inline]
    fn new(stream: StreamId, order: Order, mid: u32) -> Self {
        let kind = match order {
            Order::Ordered => 0,
            Order::Unordered => 1 << 32,
        };
        Self(u64::from(stream.0) << 33 | kind | u64::from(mid))
    }
}

impl Partial {
    fn new(body: Block) -> Self {
        let (ppid, next, last) = (Ppid(0), 0, None);
        Self { body, ppid, next, last, early: VecDeque::new(), len: 0 }
    }

    /// What it costs besides the overhead of every one.
    fn cost(&self) -> usize {
        self.len + self.early.len() * FRAGMENT_OVERHEAD
    }

    fn is_complete(&self) -> bool {
        self.last.is_some_and(|last| self.next == last.wrapping_add(1))
    }

    /// Takes a fragment, if the message gets no larger than `max`.
    #[inline]
    fn take(&mut self, data: &IData<'_>, max: usize, used: &mut Used) -> Fit {
        let fsn = data.part.fsn();
        let highest = self.early.back().map_or(self.next, |(early, _)| early + 1);
        if fsn < self.next
            || fsn == u32::MAX
            || self.last.is_some_and(|last| data.end || fsn > last)
            || data.end && fsn + 1 < highest
        {
            return Fit::Misfit;
        }
        if self.len + data.payload.len() > max {
            return Fit::TooLarge;
        }
        if data.end {
            self.last = Some(fsn);
        }
        if let Part::First(ppid) = data.part {
            self.ppid = ppid;
        }
        if fsn > self.next {
            return if self.hold(fsn, data.payload) { Fit::Kept } else { Fit::Misfit };
        }
        self.len += data.payload.len();
        self.body.append(data.payload, used);
        self.next += 1;
        while self.early.front().is_some_and(|(fsn, _)| *fsn == self.next)
            && let Some((_, payload)) = self.early.pop_front()
        {
            self.body.append(&payload, used);
            self.next += 1;
        }
        if self.is_complete() { Fit::Complete } else { Fit::Kept }
    }

    /// Keeps a fragment until those before it are here. False: it is here already.
    fn hold(&mut self, fsn: u32, payload: &[u8]) -> bool {
        let at = match self.early.back() {
            // Most come in order.
            Some((last, _)) if *last >= fsn => self.early.partition_point(|(n, _)| *n < fsn),
            _ => self.early.len(),
        };
        if self.early.get(at).is_some_and(|(early, _)| *early == fsn) {
            return false;
        }
        self.len += payload.len();
        // Memory of its own: a small one would keep a whole block.
        self.early.insert(at, (fsn, Bytes::copy_from_slice(payload)));
        true
    }
}
