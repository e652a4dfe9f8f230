//! Which chunks arrived, and DATA chunks to messages, by TSN.
//!
//! The fragments of a message have consecutive TSNs (RFC 9260 §6.9), so in TSN order at most one
//! message is unfinished: it grows in a block, one copy a byte. What comes behind a gap waits in a
//! ring indexed by TSN, except for messages that are complete: those do not wait (RFC 9260 §2.3).

use std::collections::VecDeque;

use bytes::Bytes;

use super::block::{Block, Used};
use super::partials::Partials;
use super::room::Unread;
use super::runs::{Run, Runs};
use crate::chunk::Data;
use crate::ids::{Ppid, StreamId};
use crate::message::{Message, Order};
use crate::serial::{Mid, Ssn, Tsn};

/// What became of a DATA chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It was the one waited for, and no gap is left.
    InOrder,
    /// It is kept, and there is a gap, or was.
    Gap,
    /// It was there before.
    Duplicate,
    /// There is no room for it.
    NoRoom,
    /// Its message is larger than we take.
    TooLarge,
    /// There is no room for it, and there never will be: unfinished messages fill it all.
    Stuck,
}

/// A complete message, and where it belongs: what its number is depends on its chunks.
pub(crate) type Complete<Number> = (StreamId, Number, Message);

/// TSNs received, and unfinished messages.
#[derive(Debug)]
pub(crate) struct Reassembly {
    pub(super) cumulative: Tsn,
    pub(super) runs: Runs,
    /// Index 0 is the TSN after `cumulative`, the last one the highest received.
    ring: VecDeque<Slot>,
    /// Payload in the ring.
    ringed: usize,
    /// The unfinished message in TSN order.
    unfinished: Option<Label>,
    in_order: Block,
    early: Block,
    used: Used,
    /// Messages of I-DATA chunks, which use the ring and the blocks above as little as DATA uses
    /// this.
    pub(super) partials: Partials,
    pub(super) limits: Limits,
    /// Bytes that the other side may send, because a SACK said so.
    pub(super) promised: usize,
}

/// What the other side may make us keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) window: usize,
    pub(crate) span: u32,
    pub(crate) message: usize,
}

/// What all fragments of a message share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label {
    stream: StreamId,
    ssn: Ssn,
    ppid: Ppid,
    order: Order,
}

#[derive(Debug)]
enum Slot {
    /// Not received.
    Missing,
    /// Received, and delivered.
    Done,
    /// Received, and its message is not complete.
    Fragment(Fragment),
}

#[derive(Debug)]
struct Fragment {
    label: Label,
    begin: bool,
    end: bool,
    payload: Bytes,
    /// The other end of the run of fragments of one message that begins or ends here; without
    /// meaning inside the run.
    other: Tsn,
}

impl Label {
    fn of(data: &Data<'_>) -> Self {
        let order = if data.unordered { Order::Unordered } else { Order::Ordered };
        Self { stream: data.stream, ssn: data.ssn, ppid: data.ppid, order }
    }

    fn complete(self, payload: Bytes) -> Complete<Ssn> {
        (self.stream, self.ssn, Message { ppid: self.ppid, order: self.order, payload })
    }

    /// Whether a fragment continues the message of this one. The PPID counts only in the first.
    fn continues(self, first: Self) -> bool {
        self.stream == first.stream
            && self.order == first.order
            && (self.ssn == first.ssn || self.order == Order::Unordered)
    }
}

impl Reassembly {
    pub(crate) fn new(initial: Tsn, limits: Limits) -> Self {
        Self {
            cumulative: initial.previous(),
            runs: Runs::default(),
            ring: VecDeque::new(),
            ringed: 0,
            unfinished: None,
            in_order: Block::default(),
            early: Block::default(),
            used: Used::default(),
            partials: Partials::default(),
            limits,
            promised: limits.window,
        }
    }

    /// Takes a chunk, and hands over the messages it completes. `unread` is what complete messages
    /// hold of the window.
    pub(crate) fn accept(
        &mut self,
        data: &Data<'_>,
        unread: usize,
        mut complete: impl FnMut(Complete<Ssn>),
    ) -> Arrival {
        let ahead = data.tsn.since(self.cumulative);
        if ahead == 0 || ahead > 1 << 31 || self.has(ahead) {
            return Arrival::Duplicate;
        }
        let unread = Unread { held: unread, readable: true };
        if ahead > self.limits.span || !self.take_room(ahead, data.payload.len(), unread) {
            return Arrival::NoRoom;
        }
        if ahead > 1 {
            return match self.accept_early(data, ahead, complete) {
                true => Arrival::Gap,
                false => Arrival::TooLarge,
            };
        }
        self.cumulative = data.tsn;
        let gap = self.ring.pop_front().is_some();
        if !self.append(Label::of(data), data.begin, data.end, data.payload, &mut complete) {
            return Arrival::TooLarge;
        }
        if gap && !self.close_gap(&mut complete) {
            return Arrival::TooLarge;
        }
        if gap { Arrival::Gap } else { Arrival::InOrder }
    }

    /// Acts as if all up to and with `tsn` had arrived (RFC 3758 §3.6).
    pub(crate) fn skip_through(
        &mut self,
        tsn: Tsn,
        mut complete: impl FnMut(Complete<Ssn>),
    ) -> bool {
        self.unfinished = None;
        self.in_order.clear();
        let skipped = (tsn.since(self.cumulative) as usize).min(self.ring.len());
        for slot in self.ring.drain(..skipped) {
            if let Slot::Fragment(fragment) = slot {
                self.ringed -= fragment.payload.len();
            }
        }
        self.cumulative = tsn;
        self.runs.forget_through(tsn);
        self.close_gap(&mut complete)
    }

    /// The window has grown.
    pub(crate) fn set_window(&mut self, window: usize) {
        self.limits.window = window;
    }

    /// Gives up the unfinished messages of a stream that starts anew.
    pub(crate) fn reset(&mut self, stream: StreamId) {
        self.partials.reset(stream);
    }

    /// Gives up the unfinished messages of a kind and stream up to and with `mid` (RFC 8260 §2.3).
    pub(crate) fn skip(&mut self, stream: StreamId, order: Order, mid: Mid) {
        self.partials.skip(stream, order, mid);
    }

    /// Gives memory back that only a busy association needs.
    pub(crate) fn release(&mut self) {
        self.runs.release();
        self.ring.shrink_to_fit();
        self.in_order.release();
        self.early.release();
        self.used.release();
        self.partials.release();
    }

    /// All up to and with this one arrived.
    pub(crate) fn cumulative(&self) -> Tsn {
        self.cumulative
    }

    /// The runs behind the first gap.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }

    /// Whether something arrived behind a gap.
    pub(crate) fn has_gap(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Payload of unfinished messages, and what they cost besides.
    pub(crate) fn held(&self) -> usize {
        self.ringed + self.in_order.len() + self.partials.held()
    }

    fn has(&self, ahead: u32) -> bool {
        let slot = usize::try_from(ahead - 1).ok().and_then(|i| self.ring.get(i));
        slot.is_some_and(|slot| !matches!(slot, Slot::Missing))
    }

    /// Takes a chunk behind a gap. False: its message is too large.
    fn accept_early(
        &mut self,
        data: &Data<'_>,
        ahead: u32,
        mut complete: impl FnMut(Complete<Ssn>),
    ) -> bool {
        self.runs.insert(self.cumulative, data.tsn);
        let index = usize::try_from(ahead).unwrap_or(usize::MAX) - 1;
        if index >= self.ring.len() {
            self.ring.resize_with(index + 1, || Slot::Missing);
        }
        let label = Label::of(data);
        if data.begin && data.end {
            self.early.append(data.payload, &mut self.used);
            self.ring[index] = Slot::Done;
            complete(label.complete(self.early.cut()));
            return true;
        }
        // Memory of its own: it may wait for long, and would keep a whole block.
        let payload = Bytes::copy_from_slice(data.payload);
        self.ringed += payload.len();
        let (first, last) = self.join(index, data, label);
        let (begin, end) = (data.begin, data.end);
        self.ring[index] = Slot::Fragment(Fragment { label, begin, end, payload, other: data.tsn });
        self.set_ends(first, last);
        let is_complete = self.fragment(first).is_some_and(|f| f.begin)
            && self.fragment(last).is_some_and(|f| f.end);
        !is_complete || self.complete_early(first, last, complete)
    }

    /// The run of fragments that one at `index` is part of.
    fn join(&self, index: usize, data: &Data<'_>, label: Label) -> (usize, usize) {
        let index_of = |tsn: Tsn| tsn.since(self.cumulative.next()) as usize;
        let before = index.checked_sub(1).and_then(|i| self.fragment(i));
        let before = before.filter(|f| !data.begin && !f.end && label.continues(f.label));
        let after = self.fragment(index + 1);
        let after = after.filter(|f| !data.end && !f.begin && f.label.continues(label));
        let first = before.map_or(index, |f| index_of(f.other));
        (first, after.map_or(index, |f| index_of(f.other)))
    }

    fn set_ends(&mut self, first: usize, last: usize) {
        let tsn = |index: usize| self.cumulative.plus(index as u32 + 1);
        let (first_tsn, last_tsn) = (tsn(first), tsn(last));
        for (index, other) in [(first, last_tsn), (last, first_tsn)] {
            if let Some(Slot::Fragment(fragment)) = self.ring.get_mut(index) {
                fragment.other = other;
            }
        }
    }

    fn fragment(&self, index: usize) -> Option<&Fragment> {
        match self.ring.get(index) {
            Some(Slot::Fragment(fragment)) => Some(fragment),
            _ => None,
        }
    }

    /// A message lies complete behind a gap. False: it is too large.
    fn complete_early(
        &mut self,
        first: usize,
        last: usize,
        mut complete: impl FnMut(Complete<Ssn>),
    ) -> bool {
        let Some(label) = self.fragment(first).map(|f| f.label) else { return true };
        for slot in self.ring.range_mut(first..=last) {
            if let Slot::Fragment(fragment) = core::mem::replace(slot, Slot::Done) {
                self.ringed -= fragment.payload.len();
                self.early.append(&fragment.payload, &mut self.used);
            }
        }
        let message = self.early.cut();
        let fits = message.len() <= self.limits.message;
        if fits {
            complete(label.complete(message));
        }
        fits
    }

    /// Goes on behind a gap that was filled. False: a message is too large.
    fn close_gap(&mut self, complete: &mut impl FnMut(Complete<Ssn>)) -> bool {
        let Some(last) = self.runs.take_from(self.cumulative.next()) else { return true };
        while self.cumulative != last {
            self.cumulative = self.cumulative.next();
            if let Some(Slot::Fragment(f)) = self.ring.pop_front() {
                self.ringed -= f.payload.len();
                if !self.append(f.label, f.begin, f.end, &f.payload, complete) {
                    return false;
                }
            }
        }
        true
    }

    /// Takes the next fragment in TSN order. False: its message is too large.
    #[inline]
    fn append(
        &mut self,
        label: Label,
        begin: bool,
        end: bool,
        payload: &[u8],
        complete: &mut impl FnMut(Complete<Ssn>),
    ) -> bool {
        if begin {
            // An unfinished one before it was given up by its sender.
            self.in_order.clear();
            self.unfinished = Some(label);
        }
        let Some(first) = self.unfinished.filter(|first| label.continues(*first)) else {
            // The rest of a message whose beginning was given up.
            self.in_order.clear();
            self.unfinished = None;
            return true;
        };
        if self.in_order.len() + payload.len() > self.limits.message {
            return false;
        }
        self.in_order.append(payload, &mut self.used);
        if end {
            self.unfinished = None;
            complete(first.complete(self.in_order.cut()));
        }
        true
    }
}
