//! Contributing sources, RFC 3550 §5.1.

use crate::Ssrc;

/// Whose streams a mixer made this packet of: at most fifteen, as they lie in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Csrcs<'a> {
    words: &'a [[u8; 4]],
}

impl<'a> Csrcs<'a> {
    /// The most that a header has room for.
    pub const MAX: usize = 15;
    /// No contributing source.
    pub const NONE: Self = Self { words: &[] };

    /// Sources in network order; `None`: more than [`MAX`](Self::MAX).
    pub const fn new(words: &'a [[u8; 4]]) -> Option<Self> {
        if words.len() <= Self::MAX { Some(Self { words }) } else { None }
    }

    /// The sources in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Ssrc> + Clone + use<'a> {
        self.words.iter().map(|word| Ssrc(u32::from_be_bytes(*word)))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// As in a header.
    pub(crate) const fn as_bytes(&self) -> &'a [u8] {
        self.words.as_flattened()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_room_for_fifteen() {
        assert_eq!(Csrcs::new(&[[0; 4]; 15]).map(|csrcs| csrcs.len()), Some(15));
        assert_eq!(Csrcs::new(&[[0; 4]; 16]), None);
        assert!(Csrcs::NONE.is_empty());
        let csrcs = Csrcs::new(&[[0, 0, 0, 1], [0, 0, 1, 0]]).unwrap();
        assert_eq!(csrcs.iter().collect::<Vec<_>>(), [Ssrc(1), Ssrc(256)]);
    }
}
