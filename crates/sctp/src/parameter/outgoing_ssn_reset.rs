//! Outgoing SSN Reset Request: its sender starts these streams anew, RFC 6525 §4.1.

use super::StreamList;
use crate::serial::{RequestNumber, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// Outgoing SSN Reset Request.
///
/// ```text
/// +-------------------------------+-------------------------------+
/// |           type = 13           |            length             |
/// +-------------------------------+-------------------------------+
/// |                    number of this request                     |
/// +---------------------------------------------------------------+
/// |              number of the request that it answers            |
/// +---------------------------------------------------------------+
/// |                sender's last assigned TSN                     |
/// +-------------------------------+-------------------------------+
/// |           stream 1            |           stream 2            | …
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingSsnReset<'a> {
    /// Number of this request.
    pub request: RequestNumber,
    /// Number of the Incoming SSN Reset Request that it answers; else the last one seen.
    pub response: RequestNumber,
    /// All up to and with this one belong to the time before the reset.
    pub last_tsn: Tsn,
    /// Which; none means all.
    pub streams: StreamList<'a>,
}

impl<'a> OutgoingSsnReset<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 13;
    /// Bytes without streams.
    pub const MIN_LEN: usize = 16;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        Ok(Self {
            request: RequestNumber(reader.u32()?),
            response: RequestNumber(reader.u32()?),
            last_tsn: Tsn(reader.u32()?),
            streams: StreamList::parse(Self::TYPE, reader.rest())?,
        })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.request.0.to_be_bytes());
            out.extend_from_slice(&self.response.0.to_be_bytes());
            out.extend_from_slice(&self.last_tsn.0.to_be_bytes());
            out.extend_from_slice(self.streams.as_bytes());
        });
    }
}
