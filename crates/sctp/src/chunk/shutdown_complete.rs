//! SHUTDOWN COMPLETE: the association is gone, RFC 9260 §3.3.13.

use crate::wire::{ParseError, write_tlv};

/// SHUTDOWN COMPLETE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownComplete {
    /// T bit: the packet's tag is the one of the packet that caused this (RFC 9260 §8.5.1).
    pub reflected: bool,
}

impl ShutdownComplete {
    /// Chunk type.
    pub const TYPE: u8 = 14;

    pub(crate) fn parse(flags: u8, value: &[u8]) -> Result<Self, ParseError> {
        match value.len() {
            0 => Ok(Self { reflected: flags & 1 != 0 }),
            length => Err(ParseError::BadLength { kind: u16::from(Self::TYPE), length }),
        }
    }

    /// Appends the chunk.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, u8::from(self.reflected)], |_| ());
    }
}
