//! What has been received before, RFC 6347 §4.1.2.6 and RFC 9147 §4.5.1.

/// Record numbers that count once.
const WIDTH: u64 = 256;
/// Bits in a word.
const WORD: u64 = 64;

/// The newest sequence number and which of those before it have come.
///
/// ```text
///  bits   …  0 1 1 0 1 1
///                      └ highest      1: has come
/// ```
///
/// A number has its bit at its remainder by 256, so that nothing is ever moved.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    /// One more than the highest sequence number.
    next: u64,
    bits: [u64; 4],
}

impl Window {
    /// One more than the highest sequence number that has come.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether this one has not come yet, and is not too old to tell.
    pub(super) fn is_new(&self, sequence: u64) -> bool {
        if sequence >= self.next {
            return true;
        }
        let (word, bit) = place(sequence);
        sequence.saturating_add(WIDTH) >= self.next
            && self.bits.get(word).is_some_and(|bits| bits & bit == 0)
    }

    /// It has come, and it was authentic.
    pub(super) fn note(&mut self, sequence: u64) {
        // Numbers that were jumped over have not come; those that they displace are too old.
        let jumped = sequence.saturating_sub(self.next);
        for skipped in (0..jumped.min(WIDTH)).map(|back| sequence.wrapping_sub(back + 1)) {
            let (word, bit) = place(skipped);
            if let Some(bits) = self.bits.get_mut(word) {
                *bits &= !bit;
            }
        }
        let (word, bit) = place(sequence);
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= bit;
        }
        self.next = self.next.max(sequence.saturating_add(1));
    }
}

/// Where a number's bit is.
fn place(sequence: u64) -> (usize, u64) {
    let at = sequence % WIDTH;
    (usize::try_from(at / WORD).unwrap_or(0), 1 << (at % WORD))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_counts_once_within_the_window() {
        let mut window = Window::default();
        for sequence in [0, 5, 300, 45, 44] {
            assert_eq!(window.is_new(sequence), sequence != 44, "{sequence}");
            if sequence != 44 {
                window.note(sequence);
            }
            assert!(!window.is_new(sequence));
        }
        assert_eq!(window.next(), 301);
        assert!(window.is_new(46) && !window.is_new(5) && window.is_new(1 << 48));
        window.note(1 << 48);
        assert!(!window.is_new(1 << 48) && !window.is_new(46) && window.is_new((1 << 48) - 255));
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(sequences in prop::collection::vec(0..900_u64, 0..300)) {
            let (mut window, mut set) = (Window::default(), BTreeSet::new());
            for sequence in sequences {
                let next = set.last().map_or(0, |last| last + 1);
                let expected = sequence + WIDTH >= next && !set.contains(&sequence);
                prop_assert_eq!(window.is_new(sequence), expected);
                if expected {
                    window.note(sequence);
                    set.insert(sequence);
                }
            }
        }
    }
}
