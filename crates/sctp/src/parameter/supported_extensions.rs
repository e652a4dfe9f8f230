//! Supported Extensions: the chunk types beyond RFC 9260 that its sender knows, RFC 5061 §4.2.7.

use crate::wire::{ParseError, write_tlv};

/// Supported Extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedExtensions<'a> {
    /// One byte each.
    pub chunk_types: &'a [u8],
}

impl<'a> SupportedExtensions<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 0x8008;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { chunk_types: value })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.chunk_types));
    }
}
