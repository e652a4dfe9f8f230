//! Protocol Violation: the other side does what it must not, RFC 9260 §3.3.10.13.

use crate::wire::{ParseError, write_tlv};

/// Protocol Violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolViolation<'a> {
    /// What, text perhaps.
    pub details: &'a [u8],
}

impl<'a> ProtocolViolation<'a> {
    /// Cause code.
    pub const CODE: u16 = 13;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { details: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.details));
    }
}
