//! SSN/TSN Reset Request: everything starts anew, RFC 6525 §4.3.

use crate::serial::RequestNumber;
use crate::wire::{ParseError, Reader, write_tlv};

/// SSN/TSN Reset Request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsnTsnReset {
    /// Number of this request.
    pub request: RequestNumber,
}

impl SsnTsnReset {
    /// Parameter type.
    pub const TYPE: u16 = 15;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { request: RequestNumber(Reader::new(value).u32()?) })
    }

    /// Appends the parameter.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.request.0.to_be_bytes());
        });
    }
}
