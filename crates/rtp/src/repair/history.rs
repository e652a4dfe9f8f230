//! What a sender keeps, to answer requests for it (RFC 4585 §6.2.1, RFC 4588).

/// Something for each of the latest numbers of a stream: a ring that numbers index.
///
/// It begins empty, and takes its memory a page at a time, so that nothing is moved as it grows.
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
    /// As many as the bound asks for, once there is a first value.
    pages: Vec<Page<T>>,
    /// A power of two.
    bound: usize,
}

/// Numbers with their values; empty before the first.
type Page<T> = Box<[Option<(u64, T)>]>;

impl<T> History<T> {
    /// Slots of a page.
    const PAGE: usize = 32;

    /// Keeps at most `bound` of them, rounded up to a power of two of at least 32.
    pub fn new(bound: usize) -> Self {
        Self { pages: Vec::new(), bound: bound.max(Self::PAGE).next_power_of_two() }
    }

    /// Keeps a value; the one in its place makes room for it. A value that is older than that is
    /// dropped.
    #[inline]
    pub fn insert(&mut self, number: u64, value: T) {
        if self.pages.is_empty() {
            self.pages.resize_with(self.bound / Self::PAGE, Box::default);
        }
        let (page, slot) = self.place(number);
        let Some(page) = self.pages.get_mut(page) else { return };
        if page.is_empty() {
            *page = core::iter::repeat_with(|| None).take(Self::PAGE).collect();
        }
        if let Some(slot) = page.get_mut(slot)
            && slot.as_ref().is_none_or(|(kept, _)| *kept <= number)
        {
            *slot = Some((number, value));
        }
    }

    /// The value of a number.
    pub fn get(&self, number: u64) -> Option<&T> {
        let (page, slot) = self.place(number);
        let (kept, value) = self.pages.get(page)?.get(slot)?.as_ref()?;
        (*kept == number).then_some(value)
    }

    /// The value of a number, to change it.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let (page, slot) = self.place(number);
        let (kept, value) = self.pages.get_mut(page)?.get_mut(slot)?.as_mut()?;
        (*kept == number).then_some(value)
    }

    /// Page and slot of a number.
    fn place(&self, number: u64) -> (usize, usize) {
        // The bound is a power of two: its remainder is a mask.
        let bound = u64::try_from(self.bound).unwrap_or(u64::MAX);
        let index = usize::try_from(number & bound.wrapping_sub(1)).unwrap_or_default();
        (index / Self::PAGE, index % Self::PAGE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_its_memory_a_page_at_a_time() {
        let taken =
            |history: &History<char>| history.pages.iter().filter(|p| !p.is_empty()).count();
        let mut history = History::new(1024);
        assert_eq!((history.pages.capacity(), history.get(7)), (0, None));
        history.insert(7, 'a');
        assert_eq!((history.get(7), taken(&history)), (Some(&'a'), 1));
        (8..40).for_each(|n| history.insert(n, 'b'));
        assert_eq!(taken(&history), 2);
    }

    #[test]
    fn keeps_as_many_as_its_bound() {
        let mut history = History::new(100);
        (0..10_000).for_each(|n| history.insert(n, n));
        assert_eq!(history.pages.len() * History::<u64>::PAGE, 128);
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
            }
            let highest = *numbers.iter().max().unwrap();
            for n in numbers.iter().filter(|n| **n + 256 > highest) {
                prop_assert_eq!(history.get(*n), Some(n));
            }
        }
    }
}
