//! I-DATA: a message or a fragment of one, which fragments of others may follow, RFC 8260 §2.1.

use crate::ids::{Ppid, StreamId};
use crate::serial::{Mid, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// I-DATA.
///
/// ```text
/// +---------------+-------+-+-+-+-+-------------------------------+
/// |   type = 64   |       |I|U|B|E|            length             |
/// +---------------+-------+-+-+-+-+-------------------------------+
/// |                              TSN                              |
/// +-------------------------------+-------------------------------+
/// |           stream              |               0               |
/// +-------------------------------+-------------------------------+
/// |                      message identifier                       |
/// +---------------------------------------------------------------+
/// |   payload protocol identifier, or fragment sequence number    |
/// +---------------------------------------------------------------+
/// |                            payload …                          |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IData<'a> {
    /// Its number.
    pub tsn: Tsn,
    /// The stream.
    pub stream: StreamId,
    /// The message, among the ordered or the unordered ones of its stream.
    pub mid: Mid,
    /// Which fragment of the message.
    pub part: Part,
    /// Last fragment of its message.
    pub end: bool,
    /// Its message is delivered as soon as it is complete.
    pub unordered: bool,
    /// The sender asks for an acknowledgement without delay (RFC 7053).
    pub immediate: bool,
    /// The bytes. Empty is well formed here and refused by the association (RFC 9260 §6.2).
    pub payload: &'a [u8],
}

/// Which fragment of a message: what the last field of the header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first one says what the payload is; its fragment sequence number is 0.
    First(Ppid),
    /// Another one, with its fragment sequence number.
    Later(u32),
}

const END: u8 = 1;
const BEGIN: u8 = 2;
const UNORDERED: u8 = 4;
const IMMEDIATE: u8 = 8;

impl Part {
    /// Fragment sequence number.
    pub fn fsn(self) -> u32 {
        match self {
            Self::First(_) => 0,
            Self::Later(fsn) => fsn,
        }
    }
}

impl<'a> IData<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 64;
    /// Bytes in front of the payload.
    pub const OVERHEAD: usize = 20;

    #[inline]
    pub(crate) fn parse(flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let (tsn, stream) = (Tsn(reader.u32()?), StreamId(reader.u16()?));
        // Reserved, RFC 8260 §2.1.
        reader.u16()?;
        let (mid, part) = (Mid(reader.u32()?), reader.u32()?);
        Ok(Self {
            tsn,
            stream,
            mid,
            part: if flags & BEGIN != 0 { Part::First(Ppid(part)) } else { Part::Later(part) },
            end: flags & END != 0,
            unordered: flags & UNORDERED != 0,
            immediate: flags & IMMEDIATE != 0,
            payload: reader.rest(),
        })
    }

    /// Appends the chunk, padded.
    #[inline]
    pub fn write(&self, out: &mut Vec<u8>) {
        let (begin, part) = match self.part {
            Part::First(ppid) => (true, ppid.0),
            Part::Later(fsn) => (false, fsn),
        };
        let bits = [
            (begin, BEGIN),
            (self.end, END),
            (self.unordered, UNORDERED),
            (self.immediate, IMMEDIATE),
        ];
        let flags = bits.iter().fold(0, |flags, &(set, bit)| if set { flags | bit } else { flags });
        write_tlv(out, [Self::TYPE, flags], |out| {
            out.extend_from_slice(&self.tsn.0.to_be_bytes());
            out.extend_from_slice(&self.stream.0.to_be_bytes());
            out.extend_from_slice(&[0; 2]);
            out.extend_from_slice(&self.mid.0.to_be_bytes());
            out.extend_from_slice(&part.to_be_bytes());
            out.extend_from_slice(self.payload);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_layout_of_the_rfc() {
        let chunk = IData {
            tsn: Tsn(0x0102_0304),
            stream: StreamId(0x0506),
            mid: Mid(0x0708_090a),
            part: Part::Later(0x0b0c_0d0e),
            end: true,
            unordered: true,
            immediate: true,
            payload: b"!",
        };
        let mut out = Vec::new();
        chunk.write(&mut out);
        let expected =
            [64, 13, 0, 21, 1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 13, 14, b'!', 0, 0, 0];
        assert_eq!(out, expected);
        let (_, value) = out.split_at(4);
        let (mut value, _) = value.split_at(17);
        assert_eq!(IData::parse(13, value), Ok(chunk));
        // The same field of a first fragment is a PPID.
        let first = IData { part: Part::First(Ppid(0x0b0c_0d0e)), ..chunk };
        assert_eq!(IData::parse(15, value), Ok(first));
        assert_eq!(first.part.fsn(), 0);
        value = value.split_at(16).0;
        assert!(IData::parse(13, value).is_ok(), "no payload is well formed");
        while let Some((_, shorter)) = value.split_last() {
            value = shorter;
            assert!(IData::parse(13, value).is_err());
        }
    }
}
