//! Cookie Received While Shutting Down: no restart while the end is near, RFC 9260 §3.3.10.10.

use crate::wire::{ParseError, write_tlv};

/// Cookie Received While Shutting Down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieWhileShuttingDown;

impl CookieWhileShuttingDown {
    /// Cause code.
    pub const CODE: u16 = 10;

    pub(crate) fn parse(_value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self)
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |_| ());
    }
}
