//! Missing Mandatory Parameter: INIT or INIT ACK lacks something, RFC 9260 §3.3.10.2.

use crate::wire::{ParseError, Reader, write_tlv};

/// Missing Mandatory Parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingParameter<'a> {
    /// Types of what is missing, two bytes each.
    pub types: &'a [u8],
}

impl<'a> MissingParameter<'a> {
    /// Cause code.
    pub const CODE: u16 = 2;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        Ok(Self { types: reader.bytes(count.saturating_mul(2))? })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        let count = u32::try_from(self.types.len() / 2).unwrap_or(u32::MAX);
        write_tlv(out, Self::CODE.to_be_bytes(), |out| {
            out.extend_from_slice(&count.to_be_bytes());
            out.extend_from_slice(self.types);
        });
    }
}
