//! User-Initiated Abort: the application wanted it, RFC 9260 §3.3.10.12.

use crate::wire::{ParseError, write_tlv};

/// User-Initiated Abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAbort<'a> {
    /// What the application says about it, text perhaps.
    pub reason: &'a [u8],
}

impl<'a> UserAbort<'a> {
    /// Cause code.
    pub const CODE: u16 = 12;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { reason: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.reason));
    }
}
