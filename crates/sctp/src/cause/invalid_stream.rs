//! Invalid Stream Identifier: DATA on a stream that does not exist, RFC 9260 §3.3.10.1.

use crate::ids::StreamId;
use crate::wire::{ParseError, Reader, write_tlv};

/// Invalid Stream Identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidStream {
    /// The stream.
    pub stream: StreamId,
}

impl InvalidStream {
    /// Cause code.
    pub const CODE: u16 = 1;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { stream: StreamId(Reader::new(value).u16()?) })
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.stream.0.to_be_bytes());
            out.extend_from_slice(&[0; 2]);
        });
    }
}
