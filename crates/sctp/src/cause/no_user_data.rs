//! No User Data: DATA without payload, RFC 9260 §3.3.10.9.

use crate::serial::Tsn;
use crate::wire::{ParseError, Reader, write_tlv};

/// No User Data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoUserData {
    /// Its number.
    pub tsn: Tsn,
}

impl NoUserData {
    /// Cause code.
    pub const CODE: u16 = 9;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { tsn: Tsn(Reader::new(value).u32()?) })
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.tsn.0.to_be_bytes());
        });
    }
}
