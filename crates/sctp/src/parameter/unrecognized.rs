//! Unrecognized Parameter: returns a parameter that was not understood, RFC 9260 §3.3.3.1.2.

use crate::wire::{ParseError, write_tlv};

/// Unrecognized Parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnrecognizedParameter<'a> {
    /// The parameter, with its header.
    pub parameter: &'a [u8],
}

impl<'a> UnrecognizedParameter<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 8;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { parameter: value })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.parameter));
    }
}
