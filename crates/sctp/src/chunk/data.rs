//! DATA: a message or a fragment of one, RFC 9260 §3.3.1.

use crate::ids::{Ppid, StreamId};
use crate::serial::{Ssn, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// DATA.
///
/// ```text
/// +---------------+-------+-+-+-+-+-------------------------------+
/// |    type = 0   |       |I|U|B|E|            length             |
/// +---------------+-------+-+-+-+-+-------------------------------+
/// |                              TSN                              |
/// +-------------------------------+-------------------------------+
/// |           stream              |    stream sequence number     |
/// +-------------------------------+-------------------------------+
/// |                 payload protocol identifier                   |
/// +---------------------------------------------------------------+
/// |                            payload …                          |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    /// Its number.
    pub tsn: Tsn,
    /// The stream.
    pub stream: StreamId,
    /// The message's place in the stream; without meaning when unordered.
    pub ssn: Ssn,
    /// What the payload is.
    pub ppid: Ppid,
    /// First fragment of its message.
    pub begin: bool,
    /// Last fragment of its message.
    pub end: bool,
    /// Its message is delivered as soon as it is complete.
    pub unordered: bool,
    /// The sender asks for an acknowledgement without delay (RFC 7053).
    pub immediate: bool,
    /// The bytes. Empty is well formed here and refused by the association (RFC 9260 §6.2).
    pub payload: &'a [u8],
}

const END: u8 = 1;
const BEGIN: u8 = 2;
const UNORDERED: u8 = 4;
const IMMEDIATE: u8 = 8;

impl<'a> Data<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 0;
    /// Bytes in front of the payload.
    pub const OVERHEAD: usize = 16;

    #[inline]
    pub(crate) fn parse(flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        Ok(Self {
            tsn: Tsn(reader.u32()?),
            stream: StreamId(reader.u16()?),
            ssn: Ssn(reader.u16()?),
            ppid: Ppid(reader.u32()?),
            begin: flags & BEGIN != 0,
            end: flags & END != 0,
            unordered: flags & UNORDERED != 0,
            immediate: flags & IMMEDIATE != 0,
            payload: reader.rest(),
        })
    }

    /// Appends the chunk, padded.
    #[inline]
    pub fn write(&self, out: &mut Vec<u8>) {
        let bits = [
            (self.begin, BEGIN),
            (self.end, END),
            (self.unordered, UNORDERED),
            (self.immediate, IMMEDIATE),
        ];
        let flags = bits.iter().fold(0, |flags, &(set, bit)| if set { flags | bit } else { flags });
        write_tlv(out, [Self::TYPE, flags], |out| {
            out.extend_from_slice(&self.tsn.0.to_be_bytes());
            out.extend_from_slice(&self.stream.0.to_be_bytes());
            out.extend_from_slice(&self.ssn.0.to_be_bytes());
            out.extend_from_slice(&self.ppid.0.to_be_bytes());
            out.extend_from_slice(self.payload);
        });
    }
}
