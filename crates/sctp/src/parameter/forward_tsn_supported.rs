//! Forward-TSN-Supported: its sender can be told to wait no longer, RFC 3758 §3.1.

use crate::wire::{ParseError, write_tlv};

/// Forward-TSN-Supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardTsnSupported;

impl ForwardTsnSupported {
    /// Parameter type.
    pub const TYPE: u16 = 0xc000;

    pub(crate) fn parse(_value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self)
    }

    /// Appends the parameter.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |_| ());
    }
}
