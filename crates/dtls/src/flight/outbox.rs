//! Our flight: cut into fragments, sent, repeated until it is answered. RFC 6347 §4.2.4, RFC 9147
//! §5.8 and §7.
//!
//! ```text
//!          begin, push …          poll …                  all sent
//!  (empty) ─────────────► sending ──────────────────────────────► waiting ──► (empty)
//!                            ▲                                      │   answered: a message
//!                            └──────────────────────────────────────┘   of the next flight,
//!                              timer, or a hint that something is       or acknowledgements
//!                              missing: what is not acknowledged
//! ```

use core::time::Duration;

use sansio::{Instant, Rng};

use crate::record::Records;
use crate::wire::message::RecordNumber;
use crate::wire::{ContentType, Fragment, MessageKind};

use super::ranges::Ranges;
use super::timer::Timer;

/// Parts of sent records that are remembered, for acknowledgements.
const MOST_SENT: usize = 128;

/// Whether a flight is repeated of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// By a timer, until it is answered.
    ByTimer,
    /// Only when the other side repeats its own: the last flight of DTLS 1.2.
    OnDemand,
}

/// Our messages on their way out.
pub(crate) struct Outbox {
    items: Vec<Item>,
    /// What is to be sent next, while sending: which item, from which byte.
    cursor: Option<(usize, usize)>,
    sent: Vec<Sent>,
    next_sequence: u16,
    repeats: Repeats,
    timer: Timer,
    last_sent: Option<Instant>,
}

/// How much fits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    /// Bytes in a datagram.
    pub(crate) datagram: usize,
    /// Bytes of plaintext in a protected record.
    pub(crate) plaintext: usize,
}

enum Item {
    Message {
        kind: MessageKind,
        sequence: u16,
        epoch: u64,
        body: Vec<u8>,
        acked: Ranges,
    },
    /// RFC 5246 §7.1, DTLS 1.2 alone. Not a message, so it has no number.
    ChangeCipherSpec,
}

/// A part of an item that a record carried.
struct Sent {
    number: RecordNumber,
    item: usize,
    start: usize,
    end: usize,
}

impl Outbox {
    pub(crate) fn new(retransmit_initial: Duration) -> Self {
        Self {
            items: Vec::new(),
            cursor: None,
            sent: Vec::new(),
            next_sequence: 0,
            repeats: Repeats::ByTimer,
            timer: Timer::new(retransmit_initial),
            last_sent: None,
        }
    }

    /// Begins a flight; the one before has been answered.
    pub(crate) fn begin(&mut self, repeats: Repeats) {
        self.clear();
        self.repeats = repeats;
    }

    /// The number of the next message.
    pub(crate) fn next_sequence(&self) -> u16 {
        self.next_sequence
    }

    /// Appends a message, to be sent in `epoch`.
    pub(crate) fn push(&mut self, kind: MessageKind, epoch: u64, body: Vec<u8>) {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        let acked = Ranges::default();
        self.append(Item::Message { kind, sequence, epoch, body, acked });
    }

    /// Appends a ChangeCipherSpec.
    pub(crate) fn push_change_cipher_spec(&mut self) {
        self.append(Item::ChangeCipherSpec);
    }

    fn append(&mut self, item: Item) {
        self.cursor = self.cursor.or(Some((self.items.len(), 0)));
        self.items.push(item);
    }

    /// The flight has been answered.
    pub(crate) fn clear(&mut self) {
        // A connection lives long after its handshake.
        (self.items, self.sent) = (Vec::new(), Vec::new());
        (self.cursor, self.last_sent) = (None, None);
        self.timer.reset();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether there is something to be sent now.
    pub(crate) fn is_sending(&self) -> bool {
        self.cursor.is_some()
    }

    /// Somebody else repeats what is lost, until [`release`](Self::release).
    pub(crate) fn hold(&mut self) {
        self.timer.hold();
    }

    pub(crate) fn is_held(&self) -> bool {
        self.timer.is_held()
    }

    /// The timer runs from now on, with this first round.
    pub(crate) fn release(&mut self, now: Instant, initial: Duration, rng: &mut dyn Rng) {
        self.timer.release(initial);
        let is_sent = self.last_sent.is_some() && self.cursor.is_none();
        if is_sent && self.repeats == Repeats::ByTimer {
            self.timer.start(now, rng);
        }
    }

    /// Sends again what is not acknowledged, from the beginning.
    pub(crate) fn repeat(&mut self) {
        self.timer.stop();
        self.cursor = self.next_missing((0, 0));
    }

    /// The other side repeats what it had said before our flight, so that has not come. Whether we
    /// repeat it: not so soon after the last time that the two have only crossed. What only this
    /// repeats, is repeated once for all of the other side's flight, at its `last` fragment.
    pub(crate) fn nudge(&mut self, now: Instant, last: bool) -> bool {
        let long_ago = self.last_sent.is_some_and(|at| now >= at + self.timer.initial() / 2);
        let again = self.cursor.is_none()
            && match self.repeats {
                Repeats::ByTimer => long_ago,
                Repeats::OnDemand => last,
            };
        if again {
            self.repeat();
        }
        again && self.cursor.is_some()
    }

    /// The other side has used these records (RFC 9147 §7.2). Whether that was news.
    pub(crate) fn acknowledge(&mut self, numbers: impl Iterator<Item = RecordNumber>) -> bool {
        let mut news = false;
        for number in numbers {
            for sent in self.sent.iter().filter(|sent| sent.number == number) {
                if let Some(Item::Message { acked, .. }) = self.items.get_mut(sent.item) {
                    let before = acked.clone();
                    acked.add(sent.start, sent.end);
                    news |= *acked != before;
                }
            }
        }
        if self.items.iter().all(Item::is_acked) {
            self.clear();
        } else if news {
            // While it is being sent, the rest goes on; after that, what is missing is lost.
            match self.cursor {
                Some(at) => self.cursor = self.next_missing(at),
                None => self.repeat(),
            }
        }
        news
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.timer.expire(now) {
            self.repeat();
        }
    }

    /// When the flight is to be repeated.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.timer.deadline()
    }

    /// Appends a datagram to `buf`. Whether there was something to send.
    pub(crate) fn poll(
        &mut self,
        now: Instant,
        records: &mut Records,
        most: Most,
        rng: &mut dyn Rng,
        buf: &mut Vec<u8>,
    ) -> bool {
        let start = buf.len();
        while let Some((item, offset)) = self.cursor {
            let used = buf.len().saturating_sub(start);
            let room = Most { datagram: most.datagram.saturating_sub(used), ..most };
            let next = match self.items.get(item) {
                Some(Item::ChangeCipherSpec) => {
                    change_cipher_spec(records, room.datagram, buf, item)
                }
                Some(Item::Message { .. }) => self.record(records, (item, offset), room, buf),
                None => None,
            };
            let Some(next) = next else { break };
            self.cursor = self.next_missing(next);
        }
        let sent = buf.len() > start;
        if sent && self.cursor.is_none() {
            self.last_sent = Some(now);
            if self.repeats == Repeats::ByTimer {
                self.timer.start(now, rng);
            }
        }
        sent
    }

    /// Makes one record of what begins at `from`: as many messages as fit in DTLS 1.3, one in 1.2,
    /// where some peers know no better. Gives where it ended. `None`: it does not fit.
    fn record(
        &mut self,
        records: &mut Records,
        from: (usize, usize),
        room: Most,
        buf: &mut Vec<u8>,
    ) -> Option<(usize, usize)> {
        let Some(Item::Message { epoch, .. }) = self.items.get(from.0) else { return None };
        let epoch = *epoch;
        let framing = records.framing(epoch);
        let at = buf.len();
        let body = room.datagram.checked_sub(framing.head)?.checked_sub(framing.tail)?;
        // RFC 8449 §4: what carries no protection has no other limit.
        let body = if epoch == 0 { body } else { body.min(room.plaintext) };
        buf.resize(at.saturating_add(framing.head), 0);
        let content = buf.len();
        let mut next = Some(from);
        let mut parts: Vec<(usize, usize, usize)> = Vec::new();
        while let Some((item, offset)) = next.and_then(|next| self.next_missing(next)) {
            let left = body.saturating_sub(buf.len().saturating_sub(content));
            let Some((start, end)) = self.fragment(item, offset, epoch, left, buf) else { break };
            parts.push((item, start, end));
            next = Some((item, end.max(start.saturating_add(1))));
            if epoch < 2 {
                break;
            }
        }
        if parts.is_empty() {
            buf.truncate(at);
            return None;
        }
        // Keys that are used up end the connection by its timer.
        let Ok(sequence) = records.seal(epoch, ContentType::Handshake, buf, at) else {
            buf.truncate(at);
            return None;
        };
        let number = RecordNumber { epoch, sequence };
        let excess = self.sent.len().saturating_add(parts.len()).saturating_sub(MOST_SENT);
        self.sent.drain(..excess.min(self.sent.len()));
        self.sent.extend(parts.iter().map(|&(item, start, end)| Sent { number, item, start, end }));
        next
    }

    /// Appends the missing part of a message at `offset`, as far as it fits into `room`.
    fn fragment(
        &self,
        item: usize,
        offset: usize,
        within: u64,
        room: usize,
        buf: &mut Vec<u8>,
    ) -> Option<(usize, usize)> {
        let Item::Message { kind, sequence, epoch, body, acked } = self.items.get(item)? else {
            return None;
        };
        let (start, end) = acked.missing(offset, body.len())?;
        let room = room.checked_sub(Fragment::HEADER)?;
        let whole = end.saturating_sub(start);
        if *epoch != within || room < whole.min(1) {
            return None;
        }
        let end = end.min(start.saturating_add(room));
        let part = body.get(start..end)?;
        let (kind, sequence, length) = (*kind, *sequence, body.len());
        Fragment { kind, length, sequence, offset: start, body: part }.write(buf);
        Some((start, end))
    }

    /// Where the next thing begins that is not acknowledged, at or after `from`.
    fn next_missing(&self, from: (usize, usize)) -> Option<(usize, usize)> {
        let (first, offset) = from;
        let mut offset = offset;
        for (index, item) in self.items.iter().enumerate().skip(first) {
            match item {
                Item::ChangeCipherSpec if offset == 0 => return Some((index, 0)),
                Item::Message { body, acked, .. } => {
                    if let Some((start, _)) = acked.missing(offset, body.len()) {
                        return Some((index, start));
                    }
                }
                Item::ChangeCipherSpec => {}
            }
            offset = 0;
        }
        None
    }
}

impl Item {
    fn is_acked(&self) -> bool {
        match self {
            Self::Message { body, acked, .. } => acked.cover(body.len()),
            Self::ChangeCipherSpec => false,
        }
    }
}

fn change_cipher_spec(
    records: &mut Records,
    room: usize,
    buf: &mut Vec<u8>,
    item: usize,
) -> Option<(usize, usize)> {
    let framing = records.framing(0);
    room.checked_sub(framing.head)?.checked_sub(1)?;
    let at = buf.len();
    buf.resize(at.saturating_add(framing.head), 0);
    buf.push(1);
    records.seal(0, ContentType::ChangeCipherSpec, buf, at).ok()?;
    Some((item, 1))
}

#[cfg(test)]
mod tests;
