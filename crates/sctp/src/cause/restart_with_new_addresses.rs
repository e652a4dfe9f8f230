//! Restart of an Association with New Addresses: refuses a restart from elsewhere, RFC 9260 §3.3.10.11.

use crate::wire::{ParseError, write_tlv};

/// Restart of an Association with New Addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartWithNewAddresses<'a> {
    /// The new address parameters.
    pub addresses: &'a [u8],
}

impl<'a> RestartWithNewAddresses<'a> {
    /// Cause code.
    pub const CODE: u16 = 11;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { addresses: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.addresses));
    }
}
