//! Incoming SSN Reset Request: its receiver is to start these streams anew, RFC 6525 §4.2.

use super::StreamList;
use crate::serial::RequestNumber;
use crate::wire::{ParseError, Reader, write_tlv};

/// Incoming SSN Reset Request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncomingSsnReset<'a> {
    /// Number of this request.
    pub request: RequestNumber,
    /// Which; none means all.
    pub streams: StreamList<'a>,
}

impl<'a> IncomingSsnReset<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 14;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        Ok(Self {
            request: RequestNumber(reader.u32()?),
            streams: StreamList::parse(Self::TYPE, reader.rest())?,
        })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.request.0.to_be_bytes());
            out.extend_from_slice(self.streams.as_bytes());
        });
    }
}
