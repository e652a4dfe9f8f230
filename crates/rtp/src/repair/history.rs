//! What a sender keeps, to answer requests for it (RFC 4585 §6.2.1, RFC 4588).

/// Something for each of the latest numbers of a stream: a ring that numbers index.
///
/// It begins empty, and grows with the stream up to its bound.
///
/// ```
/// use patchcord_rtp::repair::History;
///
/// let mut history = History::new(64);
/// (100..200).for_each(|number| history.insert(number, number * 2));
/// assert_eq!(history.get(150), Some(&300));
/// assert_eq!(history.get(120), None); // forgotten
/// ```
#[derive(Clone, Debug)]
pub struct History<T> {
    /// Its length is a power of two, or zero.
    ring: Vec<Option<(u64, T)>>,
    bound: usize,
}

impl<T> History<T> {
    /// What it takes first.
    const FIRST: usize = 32;

    /// Keeps at most `bound` of them, rounded up to a power of two.
    pub const fn new(bound: usize) -> Self {
        Self { ring: Vec::new(), bound: bound.next_power_of_two() }
    }

    /// Keeps a value; the oldest one makes room for it. A value that is older than all there is
    /// room for is dropped.
    pub fn insert(&mut self, number: u64, value: T) {
        while self.collides(number) && self.ring.len() < self.bound {
            self.grow();
        }
        let index = self.index(number);
        if let Some(slot) = self.ring.get_mut(index)
            && slot.as_ref().is_none_or(|(kept, _)| *kept <= number)
        {
            *slot = Some((number, value));
        }
    }

    /// The value of a number.
    pub fn get(&self, number: u64) -> Option<&T> {
        let (kept, value) = self.ring.get(self.index(number))?.as_ref()?;
        (*kept == number).then_some(value)
    }

    /// The value of a number, to change it.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let index = self.index(number);
        let (kept, value) = self.ring.get_mut(index)?.as_mut()?;
        (*kept == number).then_some(value)
    }

    /// There is no slot for it, or another number is in it.
    fn collides(&self, number: u64) -> bool {
        match self.ring.get(self.index(number)) {
            None => true,
            Some(slot) => slot.as_ref().is_some_and(|(kept, _)| *kept != number),
        }
    }

    fn grow(&mut self) {
        let len = self.ring.len().saturating_mul(2).max(Self::FIRST).min(self.bound);
        let old = core::mem::take(&mut self.ring);
        self.ring.resize_with(len, || None);
        for (number, value) in old.into_iter().flatten() {
            let index = self.index(number);
            if let Some(slot) = self.ring.get_mut(index) {
                *slot = Some((number, value));
            }
        }
    }

    fn index(&self, number: u64) -> usize {
        let mask = self.ring.len().saturating_sub(1);
        usize::try_from(number & u64::try_from(mask).unwrap_or_default()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_no_memory_before_the_first() {
        let mut history = History::new(1024);
        assert_eq!(history.ring.capacity(), 0);
        assert_eq!(history.get(7), None);
        history.insert(7, 'a');
        assert_eq!((history.get(7), history.ring.len()), (Some(&'a'), 32));
    }

    #[test]
    fn grows_to_its_bound_and_no_further() {
        let mut history = History::new(100);
        (0..10_000).for_each(|n| history.insert(n, n));
        assert_eq!(history.ring.len(), 128);
        assert!((10_000 - 128..10_000).all(|n| history.get(n) == Some(&n)));
        assert_eq!(history.get(10_000 - 129), None);
    }

    #[test]
    fn an_older_one_does_not_push_out_a_newer() {
        let mut history = History::new(32);
        history.insert(100, 'n');
        history.insert(68, 'o');
        assert_eq!((history.get(100), history.get(68)), (Some(&'n'), None));
    }

    proptest! {
        #[test]
        fn remembers_the_latest(numbers in prop::collection::vec(0..5000_u64, 1..500)) {
            let mut history = History::new(256);
            for n in &numbers {
                history.insert(*n, *n);
                prop_assert!(history.ring.len() <= 256);
            }
            let highest = *numbers.iter().max().unwrap();
            for n in numbers.iter().filter(|n| **n + 256 > highest) {
                prop_assert_eq!(history.get(*n), Some(n));
            }
        }
    }
}
