//! Out of Resource: no memory for an association, RFC 9260 §3.3.10.4.

use crate::wire::{ParseError, write_tlv};

/// Out of Resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfResource;

impl OutOfResource {
    /// Cause code.
    pub const CODE: u16 = 4;

    pub(crate) fn parse(_value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self)
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |_| ());
    }
}
