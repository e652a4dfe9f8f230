//! Which packets of a stream have been taken, RFC 3711 §3.3.2.

/// Why an index is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has been taken before.
    Before,
    /// It lies before the window.
    Perhaps,
}

/// A ring of words, each a bit for 64 indices. The newest word is partly empty, so it reaches back
/// from the highest index by 64 for each other word at least.
///
/// ```text
///                     highest
///   .. | ######## | ###..... | ######## | ..      # may be asked for
///            newer   newest      oldest
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Window {
    highest: u64,
    /// A power of two of them.
    words: Box<[u64]>,
}

impl Window {
    /// A window that has taken this index only, and reaches back by `span` at least.
    pub(crate) fn new(index: u64, span: usize) -> Self {
        let words = span.div_ceil(64).saturating_add(1).checked_next_power_of_two();
        let words = vec![0; words.unwrap_or(1 << 16)].into_boxed_slice();
        let mut window = Self { highest: index, words };
        window.take(index);
        window
    }

    /// The highest index taken.
    #[inline]
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether the index may still be taken. Changes nothing: the packet must verify first.
    #[inline]
    pub(crate) fn check(&self, index: u64) -> Result<(), Seen> {
        if index > self.highest {
            return Ok(());
        }
        let behind = (self.highest >> 6).wrapping_sub(index >> 6);
        match self.words.get(self.slot(index)) {
            Some(word) if behind < self.len() => {
                if word & bit(index) == 0 {
                    Ok(())
                } else {
                    Err(Seen::Before)
                }
            }
            _ => Err(Seen::Perhaps),
        }
    }

    /// Takes an index that was checked.
    #[inline]
    pub(crate) fn take(&mut self, index: u64) {
        let (newest, block) = (self.highest >> 6, index >> 6);
        if index > self.highest {
            // Those words are of older indices until now.
            let skipped = block.wrapping_sub(newest).min(self.len());
            for back in 0..skipped {
                let slot = self.slot(block.wrapping_sub(back) << 6);
                if let Some(word) = self.words.get_mut(slot) {
                    *word = 0;
                }
            }
            self.highest = index;
        }
        let slot = self.slot(index);
        if let Some(word) = self.words.get_mut(slot) {
            *word |= bit(index);
        }
    }

    #[inline]
    #[expect(clippy::as_conversions, reason = "a length fits into 64 bits")]
    fn len(&self) -> u64 {
        self.words.len() as u64
    }

    /// Where the bit of an index lies.
    #[inline]
    #[expect(clippy::as_conversions, reason = "it is less than a length")]
    fn slot(&self, index: u64) -> usize {
        ((index >> 6) & self.len().wrapping_sub(1)) as usize
    }
}

#[inline]
fn bit(index: u64) -> u64 {
    1 << (index & 63)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_each_index_once() {
        let mut window = Window::new(100, 64);
        assert_eq!(window.check(100), Err(Seen::Before));
        for index in [101, 99, 1000, 990, 936] {
            assert_eq!(window.check(index), Ok(()), "{index}");
            assert_eq!(window.check(index), Ok(()), "checking takes nothing");
            window.take(index);
            assert_eq!(window.check(index), Err(Seen::Before), "{index}");
        }
        assert_eq!(window.highest(), 1000);
        assert_eq!(window.check(100), Err(Seen::Perhaps));
    }

    #[test]
    fn reaches_back_as_far_as_it_was_told() {
        for span in [0, 1, 64, 65, 128, 1000, 1024] {
            let window = Window::new(100_000, span);
            assert_eq!(window.check(100_000 - span as u64).is_ok(), span > 0);
            assert_eq!(window.check(100_000 - 4 * span as u64 - 256), Err(Seen::Perhaps));
        }
    }

    proptest! {
        /// A set that never forgets agrees: what it has is never taken again, and what is new and
        /// not too old is.
        #[test]
        fn agrees_with_a_set(
            span in 1_usize..300,
            steps in proptest::collection::vec(prop_oneof![
                8 => -400_i64..400, 1 => 0_i64..100_000,
            ], 1..400),
        ) {
            let mut window = Window::new(1_000, span);
            let mut taken = BTreeSet::from([1_000_u64]);
            for step in steps {
                let index = window.highest().saturating_add_signed(step);
                let checked = window.check(index);
                if taken.contains(&index) {
                    prop_assert!(checked.is_err());
                } else if index + span as u64 >= window.highest() {
                    prop_assert_eq!(checked, Ok(()));
                }
                if checked.is_ok() {
                    window.take(index);
                    taken.insert(index);
                }
            }
        }
    }
}
