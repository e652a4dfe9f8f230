//! INIT ACK: answers INIT, laid out like it, RFC 9260 §3.3.3.

use super::Init;
use crate::wire::{ParseError, write_tlv};

/// INIT ACK. One of its parameters is the [cookie](crate::parameter::StateCookie).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitAck<'a>(pub Init<'a>);

impl<'a> InitAck<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 2;

    pub(crate) fn parse(flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        Init::parse(flags, value).map(Self)
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| self.0.write_value(out));
    }
}
