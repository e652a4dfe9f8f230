//! Stale Cookie: the cookie came too late, RFC 9260 §3.3.10.3.

use crate::wire::{ParseError, Reader, write_tlv};

/// Stale Cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleCookie {
    /// By how much, in microseconds.
    pub staleness: u32,
}

impl StaleCookie {
    /// Cause code.
    pub const CODE: u16 = 3;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { staleness: Reader::new(value).u32()? })
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.staleness.to_be_bytes());
        });
    }
}
