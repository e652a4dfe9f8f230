//! Host Name Address: deprecated, and a reason to abort, RFC 9260 §3.3.2.1.4.

use crate::wire::{ParseError, write_tlv};

/// Host Name Address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostNameAddress<'a> {
    /// The name.
    pub name: &'a [u8],
}

impl<'a> HostNameAddress<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 11;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { name: value })
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.name));
    }
}
