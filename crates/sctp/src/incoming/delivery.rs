//! Complete messages, stream by stream, until they are read.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::ids::StreamId;
use crate::message::{Message, Order};
use crate::serial::{Mid, Ssn};
use crate::stream_table::StreamTable;

/// What an unread message costs besides its payload, so that a flood of tiny ones closes the
/// window too.
const MESSAGE_OVERHEAD: usize = 64;
/// A message that waits for another and is smaller moves into memory of its own: it would keep a
/// block of eight times that size, though it counts for no more than its bytes.
const MOVE_BELOW: usize = 16 << 10;

/// The queues of all incoming streams.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    streams: StreamTable<Incoming>,
    /// Streams with messages to read, in the order in which they became so. The first has one for
    /// sure.
    readable: VecDeque<StreamId>,
    /// Payload and overhead of all messages here.
    held: usize,
}

#[derive(Debug, Default)]
struct Incoming {
    ready: VecDeque<Message>,
    /// Ordered messages that came before their turn, in order.
    early: VecDeque<(Mid, Message)>,
    next: Mid,
    /// Something arrived since its reset.
    used: bool,
    /// It stands in `readable`.
    listed: bool,
}

impl Delivery {
    /// Takes a message. Returns whether its stream turned readable.
    pub(crate) fn accept(&mut self, stream: StreamId, mid: Mid, message: Message) -> bool {
        let size = message.payload.len() + MESSAGE_OVERHEAD;
        let state = self.streams.entry(stream);
        state.used = true;
        let was_empty = state.ready.is_empty();
        match message.order {
            Order::Unordered => state.ready.push_back(message),
            Order::Ordered if mid == state.next => {
                state.ready.push_back(message);
                state.next = mid.next();
                state.release_early();
            }
            Order::Ordered if !state.hold(mid, message) => return false,
            Order::Ordered => {}
        }
        self.held += size;
        was_empty && self.list(stream)
    }

    /// The next message of a stream.
    pub(crate) fn read(&mut self, stream: StreamId) -> Option<Message> {
        let message = self.streams.get_mut(stream)?.ready.pop_front()?;
        self.held -= message.payload.len() + MESSAGE_OVERHEAD;
        while let Some(&first) = self.readable.front() {
            let Some(state) = self.streams.get_mut(first) else { break };
            if !state.ready.is_empty() {
                break;
            }
            state.listed = false;
            self.readable.pop_front();
        }
        Some(message)
    }

    /// The next message of a stream, which stays where it is.
    pub(crate) fn peek(&self, stream: StreamId) -> Option<&Message> {
        self.streams.get(stream)?.ready.front()
    }

    /// The message that DATA chunks mean by `ssn`: the one of that number that is nearest to the
    /// next.
    pub(crate) fn mid(&self, stream: StreamId, ssn: Ssn) -> Mid {
        let next = self.streams.get(stream).map_or(Mid(0), |state| state.next);
        let ahead = ssn.since(Ssn::from(next));
        match ssn.is_after(Ssn::from(next)) {
            true => next.plus(u32::from(ahead)),
            false => Mid(next.0.wrapping_sub(u32::from(ahead.wrapping_neg()))),
        }
    }

    /// Gives up waiting for the messages of a stream up to and with `mid` (RFC 3758 §3.6).
    /// Returns whether the stream turned readable.
    pub(crate) fn skip(&mut self, stream: StreamId, mid: Mid) -> bool {
        let state = self.streams.entry(stream);
        if mid != state.next && !mid.is_after(state.next) {
            return false;
        }
        let was_empty = state.ready.is_empty();
        while let Some((early, _)) = state.early.front()
            && !early.is_after(mid)
            && let Some((_, message)) = state.early.pop_front()
        {
            state.ready.push_back(message);
        }
        state.next = mid.next();
        state.release_early();
        was_empty && self.list(stream)
    }

    /// Starts a stream anew (RFC 6525 §5.2.2). What is ready stays so.
    pub(crate) fn reset(&mut self, stream: StreamId) {
        if let Some(state) = self.streams.get_mut(stream) {
            self.held -= state.reset();
        }
    }

    /// Streams on which something arrived since their reset.
    pub(crate) fn used(&mut self) -> Vec<StreamId> {
        self.streams.iter_mut().filter(|(_, s)| s.used).map(|(id, _)| id).collect()
    }

    /// Starts all streams anew. What is ready stays so.
    pub(crate) fn reset_all(&mut self) {
        self.held -= self.streams.iter_mut().map(|(_, state)| state.reset()).sum::<usize>();
    }

    /// A stream with a message to read: the one that has had one for longest.
    pub(crate) fn readable(&self) -> Option<StreamId> {
        self.readable.front().copied()
    }

    /// What all messages here cost of the window.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Gives memory back that only a busy association needs.
    pub(crate) fn release(&mut self) {
        for (_, state) in self.streams.iter_mut() {
            state.ready.shrink_to_fit();
            state.early.shrink_to_fit();
        }
        self.readable.shrink_to_fit();
    }

    fn list(&mut self, stream: StreamId) -> bool {
        let state = self.streams.entry(stream);
        if state.ready.is_empty() {
            return false;
        }
        if !state.listed {
            state.listed = true;
            self.readable.push_back(stream);
        }
        true
    }
}

impl Incoming {
    /// Keeps a message for later. False if it is late, or there already.
    fn hold(&mut self, mid: Mid, mut message: Message) -> bool {
        if !mid.is_after(self.next) {
            return false;
        }
        let next = self.next;
        let place = |(early, _): &(Mid, Message)| early.since(next) < mid.since(next);
        let at = match self.early.back() {
            Some(last) if !place(last) => self.early.partition_point(place),
            _ => self.early.len(),
        };
        if self.early.get(at).is_some_and(|(early, _)| *early == mid) {
            return false;
        }
        if message.payload.len() < MOVE_BELOW {
            message.payload = Bytes::copy_from_slice(&message.payload);
        }
        self.early.insert(at, (mid, message));
        true
    }

    fn release_early(&mut self) {
        while let Some((mid, _)) = self.early.front()
            && *mid == self.next
            && let Some((mid, message)) = self.early.pop_front()
        {
            self.ready.push_back(message);
            self.next = mid.next();
        }
    }

    /// Returns what the messages given up had cost.
    fn reset(&mut self) -> usize {
        self.next = Mid(0);
        self.used = false;
        self.early.drain(..).map(|(_, m)| m.payload.len() + MESSAGE_OVERHEAD).sum()
    }
}
