//! SHUTDOWN ACK: nothing is outstanding here either, RFC 9260 §3.3.9.

use crate::wire::{ParseError, write_tlv};

/// SHUTDOWN ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownAck;

impl ShutdownAck {
    /// Chunk type.
    pub const TYPE: u8 = 8;

    pub(crate) fn parse(_flags: u8, value: &[u8]) -> Result<Self, ParseError> {
        match value.len() {
            0 => Ok(Self),
            length => Err(ParseError::BadLength { kind: u16::from(Self::TYPE), length }),
        }
    }

    /// Appends the chunk.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |_| ());
    }
}
