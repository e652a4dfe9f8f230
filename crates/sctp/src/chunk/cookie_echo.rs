//! COOKIE ECHO: returns the cookie of INIT ACK, RFC 9260 §3.3.11.

use crate::wire::{ParseError, write_tlv};

/// COOKIE ECHO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieEcho<'a> {
    /// The cookie, byte for byte.
    pub cookie: &'a [u8],
}

impl<'a> CookieEcho<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 10;

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { cookie: value })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| out.extend_from_slice(self.cookie));
    }
}
