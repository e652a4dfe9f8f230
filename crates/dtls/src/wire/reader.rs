//! Reading numbers and vectors, RFC 8446 §3.

use thiserror::Error;

use crate::Alert;

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum ParseError {
    /// It ends too early.
    #[error("{needed} bytes needed, {had} left")]
    Truncated { needed: usize, had: usize },
    /// It has more than it should.
    #[error("{0} bytes behind the end")]
    Trailing(usize),
    /// A vector shorter or longer than it may be.
    #[error("a vector of {0} bytes")]
    Length(usize),
    /// The same thing twice, where once is the rule.
    #[error("number {0:#06x} comes twice")]
    Duplicate(u16),
    /// A field with a value that it cannot have.
    #[error("a field has the value {0:#06x}")]
    Value(u16),
}

impl ParseError {
    /// RFC 8446 §6.2: what cannot be read is one thing, what must not be said another.
    pub(crate) fn alert(self) -> Alert {
        match self {
            Self::Truncated { .. } | Self::Trailing(_) | Self::Length(_) => Alert::DECODE_ERROR,
            Self::Duplicate(_) | Self::Value(_) => Alert::ILLEGAL_PARAMETER,
        }
    }
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Reads all of `bytes` with `parse`; nothing may be left.
    pub(crate) fn all<T>(
        bytes: &'a [u8],
        parse: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        let mut reader = Self(bytes);
        let value = parse(&mut reader)?;
        match reader.0.len() {
            0 => Ok(value),
            left => Err(ParseError::Trailing(left)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], ParseError> {
        let had = self.0.len();
        let (taken, rest) =
            self.0.split_at_checked(len).ok_or(ParseError::Truncated { needed: len, had })?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], ParseError> {
        let had = self.0.len();
        let (taken, rest) =
            self.0.split_first_chunk().ok_or(ParseError::Truncated { needed: N, had })?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, ParseError> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    pub(crate) fn u24(&mut self) -> Result<usize, ParseError> {
        let [a, b, c] = *self.array()?;
        Ok(usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, ParseError> {
        self.array().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// A vector with a length of one byte.
    pub(crate) fn vector8(&mut self) -> Result<&'a [u8], ParseError> {
        let len = self.u8()?;
        self.take(usize::from(len))
    }

    /// A vector with a length of two bytes.
    pub(crate) fn vector16(&mut self) -> Result<&'a [u8], ParseError> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A vector with a length of three bytes.
    pub(crate) fn vector24(&mut self) -> Result<&'a [u8], ParseError> {
        let len = self.u24()?;
        self.take(len)
    }
}

/// A vector of 16-bit numbers: suites, groups, schemes, versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers<'a>(&'a [[u8; 2]]);

impl<'a> Numbers<'a> {
    /// The content of a vector, without its length. It is not empty.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        match bytes.as_chunks() {
            ([], _) | (_, [_, ..]) => Err(ParseError::Length(bytes.len())),
            (pairs, []) => Ok(Self(pairs)),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u16> + Clone + 'a {
        self.0.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    pub(crate) fn contains(self, number: u16) -> bool {
        self.iter().any(|one| one == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_says_what_is_missing() {
        let mut reader = Reader::new(&[1, 0, 2, 0, 0, 3, 2, 8, 9, 0, 1, 7, 5]);
        assert_eq!((reader.u8(), reader.u16(), reader.u24()), (Ok(1), Ok(2), Ok(3)));
        assert_eq!((reader.vector8(), reader.vector16()), (Ok(&[8, 9][..]), Ok(&[7][..])));
        assert_eq!(reader.u64(), Err(ParseError::Truncated { needed: 8, had: 1 }));
        assert_eq!(reader.vector8(), Err(ParseError::Truncated { needed: 5, had: 0 }));
        assert_eq!(Reader::all(&[1, 2], Reader::u8), Err(ParseError::Trailing(1)));
    }

    #[test]
    fn numbers_come_in_pairs_of_bytes() {
        let numbers = Numbers::parse(&[1, 2, 3, 4]).expect("two");
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [0x0102, 0x0304]);
        assert!(numbers.contains(0x0304) && !numbers.contains(0x0203));
        assert_eq!(Numbers::parse(&[]), Err(ParseError::Length(0)));
        assert_eq!(Numbers::parse(&[1, 2, 3]), Err(ParseError::Length(3)));
    }
}
