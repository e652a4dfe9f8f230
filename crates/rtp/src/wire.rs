//! Reading of big-endian fields, and what can be wrong with them.

use thiserror::Error;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// A field reaches beyond the end.
    #[error("truncated: {needed} bytes needed, {had} there")]
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
        /// Bytes that are left.
        had: usize,
    },
    /// The version is not 2.
    #[error("version {found}")]
    Version {
        /// The version it claims.
        found: u8,
    },
    /// The padding is longer than what there is, or zero, which cannot be: its count is part of it.
    #[error("padding of {claimed} bytes in {room}")]
    Padding {
        /// Bytes it claims.
        claimed: u8,
        /// Bytes it has to fit into.
        room: usize,
    },
    /// A value of another length than its format has.
    #[error("{length} bytes for a value of {expected}")]
    Length {
        /// Its bytes.
        length: usize,
        /// The bytes that the format has; where it has several lengths, the shortest.
        expected: usize,
    },
    /// A value that the format forbids.
    #[error("forbidden value {0}")]
    Forbidden(u32),
    /// Text that is not UTF-8, or not of the characters that it may have.
    #[error("not text")]
    Text,
}

impl ParseError {
    pub(crate) const fn truncated(needed: usize, had: usize) -> Self {
        Self::Truncated { needed, had }
    }
}

/// Takes `N` bytes off the front.
#[inline]
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], ParseError> {
    let (head, rest) =
        bytes.split_first_chunk::<N>().ok_or(ParseError::truncated(N, bytes.len()))?;
    *bytes = rest;
    Ok(*head)
}

/// Takes `len` bytes off the front.
#[inline]
pub(crate) fn take_slice<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], ParseError> {
    let (head, rest) =
        bytes.split_at_checked(len).ok_or(ParseError::truncated(len, bytes.len()))?;
    *bytes = rest;
    Ok(head)
}

#[inline]
pub(crate) fn take_u8(bytes: &mut &[u8]) -> Result<u8, ParseError> {
    take(bytes).map(|[byte]| byte)
}

#[inline]
pub(crate) fn take_u16(bytes: &mut &[u8]) -> Result<u16, ParseError> {
    take(bytes).map(u16::from_be_bytes)
}

#[inline]
pub(crate) fn take_u32(bytes: &mut &[u8]) -> Result<u32, ParseError> {
    take(bytes).map(u32::from_be_bytes)
}

/// The whole of a value whose format has `N` bytes.
#[inline]
pub(crate) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ParseError> {
    bytes.try_into().map_err(|_| ParseError::Length { length: bytes.len(), expected: N })
}
