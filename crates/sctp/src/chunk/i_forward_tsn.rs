//! I-FORWARD-TSN: do not wait for these any longer, RFC 8260 §2.3.

use crate::ids::StreamId;
use crate::message::Order;
use crate::serial::{Mid, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// I-FORWARD-TSN, in place of FORWARD TSN where messages are interleaved.
///
/// ```text
/// +---------------+---------------+-------------------------------+
/// |   type = 194  |       0       |            length             |
/// +---------------+---------------+-------------------------------+
/// |                      new cumulative TSN                       |
/// +-------------------------------+-----------------------------+-+
/// |           stream 1            |              0              |U|
/// +-------------------------------+-----------------------------+-+
/// |                     message identifier 1                      | …
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IForwardTsn<'a> {
    /// As if all up to and with this one had arrived.
    pub new_cumulative_tsn: Tsn,
    skipped: &'a [u8],
}

/// The last of the ordered or of the unordered messages of a stream that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkippedMessage {
    /// The stream.
    pub stream: StreamId,
    /// Of which kind.
    pub order: Order,
    /// The message's number.
    pub mid: Mid,
}

const UNORDERED: u16 = 1;

impl SkippedMessage {
    /// Bytes on the wire.
    pub const LEN: usize = 8;

    /// Appends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flags = match self.order {
            Order::Ordered => 0,
            Order::Unordered => UNORDERED,
        };
        out.extend_from_slice(&self.stream.0.to_be_bytes());
        out.extend_from_slice(&flags.to_be_bytes());
        out.extend_from_slice(&self.mid.0.to_be_bytes());
    }
}

impl<'a> IForwardTsn<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 194;
    /// Bytes without skipped messages.
    pub const MIN_LEN: usize = 8;

    /// An I-FORWARD-TSN whose skipped messages are encoded already, with
    /// [`SkippedMessage::write`].
    pub fn new(new_cumulative_tsn: Tsn, skipped: &'a [u8]) -> Self {
        Self { new_cumulative_tsn, skipped }
    }

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let new_cumulative_tsn = Tsn(reader.u32()?);
        let skipped = reader.rest();
        if !skipped.len().is_multiple_of(SkippedMessage::LEN) {
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

    /// The messages that are given up, the last of each kind and stream.
    pub fn skipped(&self) -> impl Iterator<Item = SkippedMessage> + use<'a> {
        self.skipped.as_chunks::<8>().0.iter().map(|&[a, b, c, d, e, f, g, h]| SkippedMessage {
            stream: StreamId(u16::from_be_bytes([a, b])),
            order: match u16::from_be_bytes([c, d]) & UNORDERED {
                0 => Order::Ordered,
                _ => Order::Unordered,
            },
            mid: Mid(u32::from_be_bytes([e, f, g, h])),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_layout_of_the_rfc() {
        let skipped = [
            SkippedMessage { stream: StreamId(1), order: Order::Ordered, mid: Mid(2) },
            SkippedMessage {
                stream: StreamId(0x0304),
                order: Order::Unordered,
                mid: Mid(u32::MAX),
            },
        ];
        let mut encoded = Vec::new();
        skipped.iter().for_each(|s| s.write(&mut encoded));
        let chunk = IForwardTsn::new(Tsn(0x0a0b_0c0d), &encoded);
        let mut out = Vec::new();
        chunk.write(&mut out);
        let expected =
            [194, 0, 0, 24, 10, 11, 12, 13, 0, 1, 0, 0, 0, 0, 0, 2, 3, 4, 0, 1, 255, 255, 255, 255];
        assert_eq!(out, expected);
        let (_, value) = out.split_at(4);
        assert_eq!(IForwardTsn::parse(0, value), Ok(chunk));
        assert_eq!(chunk.skipped().collect::<Vec<_>>(), skipped);
        let bad = ParseError::BadLength { kind: 194, length: 8 };
        assert_eq!(IForwardTsn::parse(0, value.split_at(8).0), Err(bad));
    }
}
