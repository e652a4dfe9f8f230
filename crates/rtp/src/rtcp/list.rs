//! Items of equal length in a packet.

use core::fmt;

/// Items of `N` bytes: as they lie in a packet that was parsed, or as they will in one that is to
/// be written.
#[derive(Clone, Copy)]
pub struct List<'a, T, const N: usize> {
    /// One of the two is empty.
    wire: &'a [[u8; N]],
    items: &'a [T],
}

impl<'a, T, const N: usize> List<'a, T, N> {
    /// No item.
    pub const EMPTY: Self = Self { wire: &[], items: &[] };

    /// Items to be written.
    pub const fn new(items: &'a [T]) -> Self {
        Self { wire: &[], items }
    }

    /// As many whole items as there are, and the bytes behind them.
    pub(super) const fn split(bytes: &'a [u8]) -> (Self, &'a [u8]) {
        let (wire, rest) = bytes.as_chunks();
        (Self { wire, items: &[] }, rest)
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.wire.len().saturating_add(self.items.len())
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T: Copy + From<[u8; N]>, const N: usize> List<'a, T, N> {
    /// The items in their order.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + use<'a, T, N> {
        self.wire.iter().map(|bytes| T::from(*bytes)).chain(self.items.iter().copied())
    }
}

impl<T: Copy + Into<[u8; N]>, const N: usize> List<'_, T, N> {
    /// Appends the first `max` items, and returns how many these are.
    pub(super) fn write(&self, max: u8, out: &mut Vec<u8>) -> u8 {
        let count = u8::try_from(self.len()).map_or(max, |len| len.min(max));
        self.write_up_to(usize::from(count), out);
        count
    }

    /// Appends the first `max` items.
    pub(super) fn write_up_to(&self, max: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.wire.get(..max).unwrap_or(self.wire).as_flattened());
        for item in self.items.iter().take(max) {
            out.extend_from_slice(&(*item).into());
        }
    }
}

impl<T: Copy + PartialEq + From<[u8; N]>, const N: usize> PartialEq for List<'_, T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Copy + Eq + From<[u8; N]>, const N: usize> Eq for List<'_, T, N> {}

impl<T, const N: usize> Default for List<'_, T, N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Copy + fmt::Debug + From<[u8; N]>, const N: usize> fmt::Debug for List<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ssrc;

    #[test]
    fn equal_items_are_equal_however_they_lie() {
        let (parsed, rest) = List::<Ssrc, 4>::split(&[0, 0, 0, 1, 0, 0, 0, 2, 9]);
        assert_eq!((parsed.len(), rest), (2, &[9][..]));
        let built = List::new(&[Ssrc(1), Ssrc(2)]);
        assert_eq!(parsed, built);
        assert_ne!(parsed, List::new(&[Ssrc(1)]));
        for list in [parsed, built] {
            let mut out = Vec::new();
            assert_eq!(list.write(1, &mut out), 1);
            assert_eq!(list.write(31, &mut out), 2);
            assert_eq!(out, [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]);
        }
        assert_eq!(List::new(&[Ssrc(7); 300]).write(255, &mut Vec::new()), 255);
    }
}
