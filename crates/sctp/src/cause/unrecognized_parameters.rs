//! Unrecognized Parameters: returns parameters of INIT ACK that were not understood, RFC 9260 §3.3.10.8.

use crate::wire::{ParseError, write_tlv};

/// Unrecognized Parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnrecognizedParameters<'a> {
    /// The parameters, with their headers.
    pub parameters: &'a [u8],
}

impl<'a> UnrecognizedParameters<'a> {
    /// Cause code.
    pub const CODE: u16 = 8;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { parameters: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.parameters));
    }
}
