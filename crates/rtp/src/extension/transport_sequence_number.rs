//! A packet's number among all of its transport: draft-holmer-rmcat-transport-wide-cc-extensions-01
//! §2, and libwebrtc's transport-wide-cc-02, which asks for feedback.

use crate::wire::{exactly, take_u16};
use crate::{ParseError, SequenceNumber};

/// One more with each packet that a transport sends, of whatever stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportSequenceNumber(pub SequenceNumber);

impl TransportSequenceNumber {
    /// Bytes on the wire.
    pub const LEN: usize = 2;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not two bytes.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        exactly(bytes).map(|bytes| Self(SequenceNumber(u16::from_be_bytes(bytes))))
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        self.0.0.to_be_bytes()
    }
}

/// The same, where feedback comes when it is asked for.
///
/// ```text
/// +-------------------------------+-+-----------------------------+
/// |       sequence number         |T|       count, or nothing     |
/// +-------------------------------+-+-----------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportSequenceNumber2 {
    /// The packet's number.
    pub number: SequenceNumber,
    /// Feedback is asked for at once.
    pub request: Option<FeedbackRequest>,
}

/// What feedback is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedbackRequest {
    /// With arrival times.
    pub timestamps: bool,
    /// About how many packets, this one included: 1 to 32767. More is written as 32767; 0 asks for
    /// nothing.
    pub count: u16,
}

impl TransportSequenceNumber2 {
    const TIMESTAMPS: u16 = 0x8000;

    /// Reads a value. A request about no packet is none.
    ///
    /// # Errors
    ///
    /// Neither two nor four bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut rest = bytes;
        let length = ParseError::Length { length: bytes.len(), expected: 2 };
        let number = SequenceNumber(take_u16(&mut rest).map_err(|_| length)?);
        let asked = match rest {
            [] => 0,
            rest => u16::from_be_bytes(exactly(rest).map_err(|_| length)?),
        };
        let count = asked & !Self::TIMESTAMPS;
        let timestamps = asked & Self::TIMESTAMPS != 0;
        let request = (count > 0).then_some(FeedbackRequest { timestamps, count });
        Ok(Self { number, request })
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.0.to_be_bytes());
        if let Some(request) = self.request {
            let count = request.count.min(!Self::TIMESTAMPS);
            let timestamps = if request.timestamps { Self::TIMESTAMPS } else { 0 };
            out.extend_from_slice(&(count | timestamps).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_has_two_bytes() {
        let number = TransportSequenceNumber(SequenceNumber(0x1234));
        assert_eq!(number.to_bytes(), [0x12, 0x34]);
        assert_eq!(TransportSequenceNumber::parse(&[0x12, 0x34]), Ok(number));
        assert!(TransportSequenceNumber::parse(&[0; 4]).is_err());
    }

    #[test]
    fn the_second_may_ask_for_feedback() {
        let table: [(&[u8], _); 3] = [
            (&[0, 7], None),
            (&[0, 7, 0x80, 5], Some(FeedbackRequest { timestamps: true, count: 5 })),
            (&[0, 7, 0x12, 0x34], Some(FeedbackRequest { timestamps: false, count: 0x1234 })),
        ];
        for (bytes, request) in table {
            let value = TransportSequenceNumber2 { number: SequenceNumber(7), request };
            assert_eq!(TransportSequenceNumber2::parse(bytes), Ok(value));
            let mut out = Vec::new();
            value.write(&mut out);
            assert_eq!(out, bytes);
        }
        let none = TransportSequenceNumber2::parse(&[0, 7, 0x80, 0]).unwrap();
        assert_eq!(none.request, None);
        for len in [0, 1, 3, 5] {
            assert!(TransportSequenceNumber2::parse(&[0; 5][..len]).is_err());
        }
    }
}
