//! State Cookie: all that INIT ACK's sender would otherwise have to remember, RFC 9260 §3.3.3.1.1.

use crate::wire::{ParseError, write_tlv};

/// State Cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCookie<'a> {
    /// Opaque to all but who made it.
    pub cookie: &'a [u8],
}

impl<'a> StateCookie<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 7;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { cookie: value })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.cookie));
    }
}
