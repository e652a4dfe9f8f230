//! PASSWORD-ALGORITHM, RFC 8489 §14.12.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, raw};
use crate::TransactionId;
use crate::builder::narrow;

/// How the key is made of user name, realm and password.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          Algorithm            |     Length of parameters      |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    Parameters                                ...
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordAlgorithm<'a> {
    number: u16,
    parameters: &'a [u8],
}

impl<'a> PasswordAlgorithm<'a> {
    /// MD5, RFC 8489 §18.5.1.1: what RFC 5389 knows.
    pub const MD5: Self = Self { number: 1, parameters: &[] };
    /// SHA-256, RFC 8489 §18.5.1.2.
    pub const SHA256: Self = Self { number: 2, parameters: &[] };

    /// Its number in the IANA registry of STUN password algorithms.
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// Splits the first of several off; each fills up to 32 bits.
    pub(super) fn split_first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), AttributeError> {
        // An algorithm is laid out as an attribute is.
        let (one, rest) = raw::split_first(bytes).map_err(|overrun| AttributeError::Length {
            kind: AttributeType::PASSWORD_ALGORITHMS,
            needed: overrun.needed,
            had: bytes.len(),
        })?;
        Ok((Self { number: one.kind.0, parameters: one.value }, rest))
    }
}

impl<'a> Attribute<'a> for PasswordAlgorithm<'a> {
    const TYPE: AttributeType = AttributeType::PASSWORD_ALGORITHM;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let (kind, had) = (Self::TYPE, value.len());
        let Some((&[n0, n1, l0, l1], rest)) = value.split_first_chunk::<4>() else {
            return Err(AttributeError::Length { kind, needed: 4, had });
        };
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let needed = length.saturating_add(4);
        let parameters = rest.get(..length).ok_or(AttributeError::Length { kind, needed, had })?;
        // Some count the padding of the parameters in the length of the attribute.
        if had > needed.next_multiple_of(4) {
            return Err(AttributeError::Length { kind, needed, had });
        }
        Ok(Self { number: u16::from_be_bytes([n0, n1]), parameters })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&narrow(self.parameters.len()).to_be_bytes());
        out.extend_from_slice(self.parameters);
    }
}
