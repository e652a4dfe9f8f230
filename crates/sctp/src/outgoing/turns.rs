//! Whose turn it is to send: the schedulers of RFC 8260 §3.
//!
//! Streams with messages lie in a heap, and the one with the smallest key is next. What the key is
//! makes the scheduler:
//!
//! | scheduler | key |
//! |---|---|
//! | first come, first served | when the first message of the stream was taken |
//! | round robin | when the stream got in line |
//! | priority | the priority, then the same |
//! | fair capacity, weighted fair | the virtual time when its next piece would be through |
//!
//! Virtual time passes by a byte when all streams have sent a byte; a stream of twice the weight
//! sends two meanwhile. It stands at the beginning of the piece that was sent last, which is where
//! a stream begins that had nothing to send: it is owed nothing for its silence.

use core::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::config::Scheduler;
use crate::ids::StreamId;

/// What a stream has until it is told otherwise: RFC 8831 §6.4, normal.
pub(super) const DEFAULT_PRIORITY: u16 = 256;
/// Virtual time that a byte takes with a weight of 1: enough that weights of thousands still differ,
/// and so little that terabytes fit.
const BYTE: u64 = 1 << 22;
/// Bits of a key below the priority.
const BELOW_PRIORITY: u32 = 48;
/// Turns that do not count any more are swept when there are so many more of them than others.
const SWEEP: usize = 64;

/// The line of streams.
#[derive(Debug, Default)]
pub(super) struct Turns {
    scheduler: Scheduler,
    heap: BinaryHeap<Reverse<Turn>>,
    /// Those in the heap that count.
    valid: usize,
    virtual_time: u64,
    count: u64,
}

/// A place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    key: u64,
    pub(super) stream: StreamId,
}

/// What a stream has to do with turns.
#[derive(Debug)]
pub(super) struct Share {
    priority: u16,
    /// Virtual time that a byte takes.
    byte: u64,
    /// The virtual time up to which it has sent its share.
    served: u64,
    /// The key it is in line with.
    key: Option<u64>,
}

/// What a stream would send next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// The number of its message, over all streams.
    pub(super) arrival: u64,
    pub(super) len: usize,
}

impl Default for Share {
    fn default() -> Self {
        let byte = byte_time(DEFAULT_PRIORITY);
        Self { priority: DEFAULT_PRIORITY, byte, served: 0, key: None }
    }
}

impl Share {
    /// Whether `turn` is its place in the line.
    #[inline]
    pub(super) fn has(&self, turn: Turn) -> bool {
        self.key == Some(turn.key)
    }

    pub(super) fn priority(&self) -> u16 {
        self.priority
    }

    pub(super) fn set_priority(&mut self, priority: u16) {
        (self.priority, self.byte) = (priority, byte_time(priority));
    }

    /// Virtual time that so many bytes take.
    #[inline]
    fn time(&self, scheduler: Scheduler, bytes: usize) -> u64 {
        match scheduler {
            Scheduler::WeightedFair => bytes as u64 * self.byte,
            _ => bytes as u64,
        }
    }
}

impl Turns {
    pub(super) fn new(scheduler: Scheduler) -> Self {
        Self { scheduler, ..Self::default() }
    }

    pub(super) fn scheduler(&self) -> Scheduler {
        self.scheduler
    }

    /// The first in line, if it still counts: the stream's [`Share`] knows.
    #[inline]
    pub(super) fn first(&self) -> Option<Turn> {
        self.heap.peek().map(|turn| turn.0)
    }

    /// The first in line does not count any more.
    pub(super) fn drop_first(&mut self) {
        self.heap.pop();
    }

    /// A stream that is not in line gets in line.
    pub(super) fn join(&mut self, stream: StreamId, share: &mut Share, piece: Piece) {
        share.served = share.served.max(self.virtual_time);
        let key = self.key(share, piece);
        share.key = Some(key);
        self.heap.push(Reverse(Turn { key, stream }));
        self.valid += 1;
    }

    /// The stream that is first in line gets in line again.
    #[inline]
    pub(super) fn again(&mut self, share: &mut Share, piece: Piece) {
        let key = self.key(share, piece);
        share.key = Some(key);
        if let Some(mut first) = self.heap.peek_mut() {
            first.0.key = key;
        }
    }

    /// The stream that is first in line leaves it.
    #[inline]
    pub(super) fn leave_first(&mut self, share: &mut Share) {
        if let Some(first) = self.heap.peek_mut() {
            PeekMut::pop(first);
        }
        share.key = None;
        self.valid -= 1;
    }

    /// A stream leaves the line, wherever it stands. Its place stays, and does not count.
    pub(super) fn leave(&mut self, share: &mut Share) {
        if share.key.take().is_some() {
            self.valid -= 1;
        }
    }

    /// Gives memory back that only a busy association needs.
    pub(super) fn release(&mut self) {
        self.heap.shrink_to_fit();
    }

    /// Forgets places that do not count, if there are many.
    pub(super) fn sweep(&mut self, counts: impl Fn(Turn) -> bool) {
        if self.heap.len() > 2 * self.valid + SWEEP {
            self.heap.retain(|turn| counts(turn.0));
        }
    }

    /// A stream sent so much.
    #[inline]
    pub(super) fn charge(&mut self, share: &mut Share, bytes: usize) {
        if let Scheduler::FairCapacity | Scheduler::WeightedFair = self.scheduler {
            self.virtual_time = self.virtual_time.max(share.served);
            share.served = share.served.saturating_add(share.time(self.scheduler, bytes));
        }
    }

    fn key(&mut self, share: &Share, piece: Piece) -> u64 {
        self.count += 1;
        match self.scheduler {
            Scheduler::FirstComeFirstServed => piece.arrival,
            Scheduler::RoundRobin | Scheduler::RoundRobinPerPacket => self.count,
            Scheduler::Priority => {
                let before = u64::from(u16::MAX - share.priority) << BELOW_PRIORITY;
                before | self.count & ((1 << BELOW_PRIORITY) - 1)
            }
            Scheduler::FairCapacity | Scheduler::WeightedFair => {
                share.served.saturating_add(share.time(self.scheduler, piece.len))
            }
        }
    }
}

/// Virtual time that a byte takes: none is weightless.
fn byte_time(weight: u16) -> u64 {
    BYTE / u64::from(weight.max(1))
}
