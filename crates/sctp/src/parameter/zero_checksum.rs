//! Zero Checksum Acceptable: packets without CRC32c are taken, RFC 9653 §4.

use crate::wire::{ParseError, Reader, write_tlv};

/// Zero Checksum Acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroChecksumAcceptable {
    /// What protects the packets instead; 1 is DTLS.
    pub method: u32,
}

impl ZeroChecksumAcceptable {
    /// Parameter type.
    pub const TYPE: u16 = 0x8001;
    /// The method of DTLS, RFC 9653 §6: packets come out of its records.
    pub const DTLS: u32 = 1;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { method: Reader::new(value).u32()? })
    }

    /// Appends the parameter.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.method.to_be_bytes());
        });
    }
}
