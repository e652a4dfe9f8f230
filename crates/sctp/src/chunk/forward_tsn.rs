//! FORWARD TSN: do not wait for these any longer, RFC 3758 §3.2.

use crate::ids::StreamId;
use crate::serial::{Ssn, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// FORWARD TSN.
///
/// ```text
/// +---------------+---------------+-------------------------------+
/// |   type = 192  |       0       |            length             |
/// +---------------+---------------+-------------------------------+
/// |                      new cumulative TSN                       |
/// +-------------------------------+-------------------------------+
/// |           stream 1            |   stream sequence number 1    | …
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardTsn<'a> {
    /// As if all up to and with this one had arrived.
    pub new_cumulative_tsn: Tsn,
    skipped: &'a [u8],
}

/// The last message of a stream that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The stream.
    pub stream: StreamId,
    /// The message's number.
    pub ssn: Ssn,
}

impl Skipped {
    /// Bytes on the wire.
    pub const LEN: usize = 4;

    /// Appends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.stream.0.to_be_bytes());
        out.extend_from_slice(&self.ssn.0.to_be_bytes());
    }
}

impl<'a> ForwardTsn<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 192;
    /// Bytes without skipped messages.
    pub const MIN_LEN: usize = 8;

    /// A FORWARD TSN whose skipped messages are encoded already, with [`Skipped::write`].
    pub fn new(new_cumulative_tsn: Tsn, skipped: &'a [u8]) -> Self {
        Self { new_cumulative_tsn, skipped }
    }

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let new_cumulative_tsn = Tsn(reader.u32()?);
        let skipped = reader.rest();
        if !skipped.len().is_multiple_of(Skipped::LEN) {
            return Err(ParseError::BadLength { kind: u16::from(Self::TYPE), length: value.len() });
        }
        Ok(Self { new_cumulative_tsn, skipped })
    }

    /// Appends the chunk.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| {
            out.extend_from_slice(&self.new_cumulative_tsn.0.to_be_bytes());
            out.extend_from_slice(self.skipped);
        });
    }

    /// The ordered messages that are given up, the last of each stream.
    pub fn skipped(&self) -> impl Iterator<Item = Skipped> + use<'a> {
        self.skipped.as_chunks::<4>().0.iter().map(|&[a, b, c, d]| Skipped {
            stream: StreamId(u16::from_be_bytes([a, b])),
            ssn: Ssn(u16::from_be_bytes([c, d])),
        })
    }
}
