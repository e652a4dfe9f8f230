//! What a receiver asks for again (RFC 4585 §6.2.1), and what came before.

use core::time::Duration;
use std::collections::VecDeque;

use sansio::Instant;

/// Which packets of a stream are missing, and when to ask for them.
///
/// ```text
///   gap seen ─ 5 ms, it may be disorder ─► asked ─ a round trip ─► asked … ten times ─► abandoned
/// ```
#[derive(Clone, Debug)]
pub struct Missing {
    highest: Option<u64>,
    /// Which of the latest numbers came.
    came: Box<[u64; Self::WORDS]>,
    /// Ascending numbers.
    list: VecDeque<Lost>,
    /// When the first of the list is to be asked for.
    next: Option<Instant>,
    round_trip_time: Duration,
    abandoned: u64,
}

/// What a packet is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The highest number so far.
    New,
    /// A number that was passed over.
    Recovered,
    /// The number came before.
    Duplicate,
    /// So far behind that nothing is known about it.
    TooOld,
    /// So far ahead that nothing in between is asked for: the stream began anew.
    Jump,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    number: u64,
    asked: u8,
    /// When to ask next.
    at: Instant,
}

impl Missing {
    /// Numbers about which something is known: 3 s at 5 Mbit/s.
    pub const WINDOW: u64 = 2048;
    const WORDS: usize = 32;
    /// Numbers that may be missing at a time; a larger gap is a jump. libwebrtc's.
    pub const MAX_MISSING: usize = 1000;
    /// Numbers that one call of [`poll`](Self::poll) returns at most: they fit one packet.
    pub const MAX_REQUEST: usize = 200;
    /// Requests for one number.
    const MAX_ASKED: u8 = 10;
    /// What disorder on the way may take.
    const TOLERANCE: Duration = Duration::from_millis(5);
    const ROUND_TRIP_TIME: Duration = Duration::from_millis(100);

    /// How long an answer may take. The default is 100 ms; it counts as 10 ms to 500 ms.
    pub fn set_round_trip_time(&mut self, time: Duration) {
        self.round_trip_time = time.clamp(Duration::from_millis(10), Duration::from_millis(500));
    }

    /// A packet came, by itself or as a retransmission.
    pub fn received(&mut self, now: Instant, number: u64) -> Arrival {
        let Some(highest) = self.highest else {
            self.highest = Some(number);
            self.mark(number);
            return Arrival::New;
        };
        match number.checked_sub(highest) {
            None => self.late(highest, number),
            Some(0) => Arrival::Duplicate,
            Some(ahead) => self.advance(now, highest, number, ahead),
        }
    }

    /// Appends the numbers to be asked for now, ascending, at most [`MAX_REQUEST`](Self::MAX_REQUEST).
    pub fn poll(&mut self, now: Instant, lost: &mut Vec<u64>) {
        let (mut room, mut next) = (Self::MAX_REQUEST, None::<Instant>);
        let before = self.list.len();
        let again = later(now, self.round_trip_time);
        self.list.retain_mut(|one| {
            if one.at <= now && room > 0 {
                if one.asked >= Self::MAX_ASKED {
                    return false;
                }
                lost.push(one.number);
                room = room.saturating_sub(1);
                one.asked = one.asked.saturating_add(1);
                one.at = again;
            }
            next = Some(next.map_or(one.at, |known| known.min(one.at)));
            true
        });
        self.abandon(before.saturating_sub(self.list.len()));
        self.next = next;
    }

    /// When [`poll`](Self::poll) has something to return.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.next
    }

    /// Numbers that were given up: a picture that needs them cannot be decoded.
    pub const fn abandoned(&self) -> u64 {
        self.abandoned
    }

    fn late(&mut self, highest: u64, number: u64) -> Arrival {
        if highest.saturating_sub(number) >= Self::WINDOW {
            return Arrival::TooOld;
        }
        if self.has_come(number) {
            return Arrival::Duplicate;
        }
        self.mark(number);
        if let Ok(index) = self.list.binary_search_by_key(&number, |one| one.number) {
            self.list.remove(index);
            if self.list.is_empty() {
                self.next = None;
            }
        }
        Arrival::Recovered
    }

    fn advance(&mut self, now: Instant, highest: u64, number: u64, ahead: u64) -> Arrival {
        self.highest = Some(number);
        let gap = usize::try_from(ahead.saturating_sub(1)).unwrap_or(usize::MAX);
        if gap > Self::MAX_MISSING {
            self.abandon(self.list.len());
            self.list.clear();
            self.next = None;
            self.came.fill(0);
            self.mark(number);
            return Arrival::Jump;
        }
        let at = later(now, Self::TOLERANCE);
        for passed in highest.saturating_add(1)..number {
            self.unmark(passed);
            self.list.push_back(Lost { number: passed, asked: 0, at });
        }
        self.mark(number);
        if gap > 0 {
            let excess = self.list.len().saturating_sub(Self::MAX_MISSING);
            self.list.drain(..excess);
            self.abandon(excess);
            self.next = Some(self.next.map_or(at, |known| known.min(at)));
        }
        self.forget(number);
        Arrival::New
    }

    /// What fell out of the window is not worth asking for.
    fn forget(&mut self, highest: u64) {
        while self
            .list
            .front()
            .is_some_and(|one| highest.saturating_sub(one.number) >= Self::WINDOW)
        {
            self.list.pop_front();
            self.abandon(1);
        }
        if self.list.is_empty() {
            self.next = None;
        }
    }

    fn abandon(&mut self, count: usize) {
        self.abandoned = self.abandoned.saturating_add(u64::try_from(count).unwrap_or_default());
    }

    fn has_come(&self, number: u64) -> bool {
        self.came.get(Self::word(number)).is_some_and(|word| word & Self::bit(number) != 0)
    }

    fn mark(&mut self, number: u64) {
        if let Some(word) = self.came.get_mut(Self::word(number)) {
            *word |= Self::bit(number);
        }
    }

    fn unmark(&mut self, number: u64) {
        if let Some(word) = self.came.get_mut(Self::word(number)) {
            *word &= !Self::bit(number);
        }
    }

    fn word(number: u64) -> usize {
        usize::try_from((number >> 6) & 31).unwrap_or_default()
    }

    const fn bit(number: u64) -> u64 {
        1 << (number & 63)
    }
}

impl Default for Missing {
    fn default() -> Self {
        Self {
            highest: None,
            came: Box::new([0; Self::WORDS]),
            list: VecDeque::new(),
            next: None,
            round_trip_time: Self::ROUND_TRIP_TIME,
            abandoned: 0,
        }
    }
}

#[expect(clippy::arithmetic_side_effects, reason = "an instant saturates")]
fn later(now: Instant, wait: Duration) -> Instant {
    now + wait
}

#[cfg(test)]
mod tests;
