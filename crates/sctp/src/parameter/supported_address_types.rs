//! Supported Address Types: which addresses its sender can use, RFC 9260 §3.3.2.1.5.

use crate::wire::{ParseError, write_tlv};

/// Supported Address Types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedAddressTypes<'a> {
    /// Parameter types of addresses, two bytes each.
    pub types: &'a [u8],
}

impl<'a> SupportedAddressTypes<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 12;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        match value.len() % 2 {
            0 => Ok(Self { types: value }),
            _ => Err(ParseError::BadLength { kind: Self::TYPE, length: value.len() }),
        }
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.types));
    }
}
