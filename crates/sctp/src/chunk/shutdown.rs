//! SHUTDOWN: nothing more is sent from here, RFC 9260 §3.3.8.

use crate::serial::Tsn;
use crate::wire::{ParseError, Reader, write_tlv};

/// SHUTDOWN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shutdown {
    /// All up to and with this one arrived.
    pub cumulative_tsn: Tsn,
}

impl Shutdown {
    /// Chunk type.
    pub const TYPE: u8 = 7;
    /// Bytes.
    pub const LEN: usize = 8;

    pub(crate) fn parse(_flags: u8, value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { cumulative_tsn: Tsn(Reader::new(value).u32()?) })
    }

    /// Appends the chunk.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| {
            out.extend_from_slice(&self.cumulative_tsn.0.to_be_bytes());
        });
    }
}
