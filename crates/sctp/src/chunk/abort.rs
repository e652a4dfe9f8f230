//! ABORT: the association ends at once, RFC 9260 §3.3.7.

use crate::cause::Causes;
use crate::wire::{ParseError, write_tlv};

/// ABORT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abort<'a> {
    /// T bit: the packet's tag is the one of the packet that caused this (RFC 9260 §8.5.1).
    pub reflected: bool,
    /// Why; may be none.
    pub causes: Causes<'a>,
}

impl<'a> Abort<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 6;

    pub(crate) fn parse(flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { reflected: flags & 1 != 0, causes: Causes::parse(value)? })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, u8::from(self.reflected)], |out| {
            out.extend_from_slice(self.causes.as_bytes());
        });
    }
}
