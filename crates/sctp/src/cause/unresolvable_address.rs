//! Unresolvable Address: an address that cannot be used, such as a host name, RFC 9260 §3.3.10.5.

use crate::wire::{ParseError, write_tlv};

/// Unresolvable Address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnresolvableAddress<'a> {
    /// The address parameter, with its header.
    pub parameter: &'a [u8],
}

impl<'a> UnresolvableAddress<'a> {
    /// Cause code.
    pub const CODE: u16 = 5;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { parameter: value })
    }

    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |out| out.extend_from_slice(self.parameter));
    }
}
