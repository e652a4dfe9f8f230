//! What we acknowledge, RFC 9147 §7.

use core::time::Duration;

use sansio::Instant;

use crate::wire::message::RecordNumber;

/// Records that are named in one acknowledgement: more than a flight of ours has at the smallest
/// MTU.
const MOST: usize = 32;

/// Records of the other side's flight that have been used, and when to say so.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    numbers: Vec<RecordNumber>,
    due: Option<Instant>,
}

impl Acks {
    /// A record was used.
    pub(crate) fn note(&mut self, number: RecordNumber) {
        if self.numbers.len() == MOST {
            self.numbers.remove(0);
        }
        self.numbers.push(number);
    }

    /// The flight is to go on. RFC 9147 §7.1: if its rest does not come soon, the other side is
    /// told what did.
    pub(crate) fn wait(&mut self, now: Instant, soon: Duration) {
        if !self.numbers.is_empty() {
            self.due = self.due.or(Some(now + soon));
        }
    }

    /// Nothing else will tell the other side that its flight has come.
    pub(crate) fn hurry(&mut self, now: Instant) {
        if !self.numbers.is_empty() {
            self.due = Some(now);
        }
    }

    /// The next flight of ours says it.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.due = None;
    }

    /// What is to be said now: the newest that fit, at most `most`, in order.
    pub(crate) fn take(&mut self, now: Instant, most: usize) -> Option<Vec<RecordNumber>> {
        self.due.filter(|due| *due <= now)?;
        self.due = None;
        let mut numbers = core::mem::take(&mut self.numbers);
        numbers.drain(..numbers.len().saturating_sub(most));
        // RFC 9147 §7: in order of their numbers.
        numbers.sort_unstable();
        Some(numbers)
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_is_acknowledged_once_and_not_at_once() {
        let mut acks = Acks::default();
        let number = |sequence| RecordNumber { epoch: 2, sequence };
        let soon = Duration::from_millis(25);
        acks.hurry(Instant::ZERO);
        assert_eq!(acks.due(), None);
        for sequence in (0..40).rev() {
            acks.note(number(sequence));
            acks.wait(Instant::from_millis(40 - sequence), soon);
        }
        assert_eq!(acks.due(), Some(Instant::from_millis(26)));
        assert_eq!(acks.take(Instant::from_millis(25), 9), None);
        let said = acks.take(Instant::from_millis(26), 3).expect("due");
        assert_eq!(said, [number(0), number(1), number(2)]);
        assert_eq!((acks.due(), acks.numbers.len()), (None, 0));
    }
}
