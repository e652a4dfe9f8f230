//! PAD: makes a packet longer, RFC 4820 §3.

use crate::wire::{ParseError, write_tlv};

/// PAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    /// Bytes behind the header, which mean nothing.
    pub len: usize,
}

impl Pad {
    /// Chunk type. Who does not know it passes over it in silence.
    pub const TYPE: u8 = 132;

    pub(crate) fn parse(_flags: u8, value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { len: value.len() })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| out.resize(out.len().saturating_add(self.len), 0));
    }
}
