//! How loud each contributor is, RFC 6465.

use crate::{Csrcs, ParseError};

/// The levels of those whom a mixer made the packet of, in the order of its CSRCs.
///
/// ```text
/// +-+-------------+-+-------------+
/// |0|   level 1   |0|   level 2   | …
/// +-+-------------+-+-------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsrcAudioLevels<'a> {
    bytes: &'a [u8],
}

impl<'a> CsrcAudioLevels<'a> {
    /// Levels in decibels below the loudest that there is, 0 to 127. `None`: none at all, or more
    /// than a header has CSRCs.
    pub const fn new(levels: &'a [u8]) -> Option<Self> {
        if levels.is_empty() || levels.len() > Csrcs::MAX {
            None
        } else {
            Some(Self { bytes: levels })
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// No byte, or more than fifteen.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::new(bytes).ok_or(ParseError::Length { length: bytes.len(), expected: 1 })
    }

    /// In decibels below the loudest that there is: 0 is loudest, 127 silent.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u8> + Clone + use<'a> {
        self.bytes.iter().map(|byte| byte & 0x7f)
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.iter());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bit_says_nothing() {
        let levels = CsrcAudioLevels::parse(&[0x85, 127, 0]).unwrap();
        let mut out = Vec::new();
        levels.write(&mut out);
        assert_eq!(out, [5, 127, 0]);
        assert!(levels.iter().eq([5, 127, 0]));
        assert!(CsrcAudioLevels::parse(&[]).is_err() && CsrcAudioLevels::parse(&[0; 16]).is_err());
    }
}
