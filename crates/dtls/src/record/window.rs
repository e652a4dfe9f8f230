//! What has been received before, RFC 6347 §4.1.2.6 and RFC 9147 §4.5.1.

/// Record numbers that count once.
const WIDTH: u64 = 128;

/// The newest sequence number and which of those before it have come.
///
/// ```text
///  bits   …  0 1 1 0 1 1
///                      └ highest      1: has come
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    /// One more than the highest sequence number.
    next: u64,
    bits: u128,
}

impl Window {
    /// One more than the highest sequence number that has come.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether this one has not come yet, and is not too old to tell.
    pub(super) fn is_new(&self, sequence: u64) -> bool {
        match self.next.checked_sub(sequence) {
            None | Some(0) => true,
            Some(age) if age > WIDTH => false,
            Some(age) => self.bits >> (age - 1) & 1 == 0,
        }
    }

    /// It has come, and it was authentic.
    pub(super) fn note(&mut self, sequence: u64) {
        match self.next.checked_sub(sequence) {
            Some(age @ 1..=WIDTH) => self.bits |= 1 << (age - 1),
            Some(0) | None => {
                let forward = sequence.saturating_sub(self.next).saturating_add(1);
                let moved = u32::try_from(forward).ok().and_then(|by| self.bits.checked_shl(by));
                self.bits = moved.unwrap_or(0) | 1;
                self.next = sequence.saturating_add(1);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_counts_once_within_the_window() {
        let mut window = Window::default();
        for sequence in [0, 5, 200, 73, 72] {
            assert_eq!(window.is_new(sequence), sequence != 72, "{sequence}");
            window.note(sequence);
            assert!(!window.is_new(sequence));
        }
        assert_eq!(window.next(), 201);
        assert!(window.is_new(74) && !window.is_new(5) && window.is_new(1 << 48));
        window.note(1 << 48);
        assert!(!window.is_new(1 << 48) && !window.is_new(74));
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(sequences in prop::collection::vec(0..400_u64, 0..200)) {
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
