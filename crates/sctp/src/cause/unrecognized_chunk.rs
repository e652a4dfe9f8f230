//! Unrecognized Chunk Type: returns a chunk that was not understood, RFC 9260 §3.3.10.6.

use crate::wire::{ParseError, write_tlv};

/// Unrecognized Chunk Type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnrecognizedChunk<'a> {
    /// The chunk, with its header.
    pub chunk: &'a [u8],
}

impl<'a> UnrecognizedChunk<'a> {
    /// Cause code.
    pub const CODE: u16 = 6;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { chunk: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.chunk));
    }
}
