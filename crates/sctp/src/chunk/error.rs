//! ERROR: something was wrong, and the association goes on, RFC 9260 §3.3.10.

use crate::cause::Causes;
use crate::wire::{ParseError, write_tlv};

/// ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error<'a> {
    /// What.
    pub causes: Causes<'a>,
}

impl<'a> Error<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 9;

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { causes: Causes::parse(value)? })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| out.extend_from_slice(self.causes.as_bytes()));
    }
}
