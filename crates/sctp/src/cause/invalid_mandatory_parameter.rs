//! Invalid Mandatory Parameter: a field of INIT or INIT ACK that cannot be, RFC 9260 §3.3.10.7.

use crate::wire::{ParseError, write_tlv};

/// Invalid Mandatory Parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMandatoryParameter;

impl InvalidMandatoryParameter {
    /// Cause code.
    pub const CODE: u16 = 7;

    pub(crate) fn parse(_value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self)
    }

    /// Appends the cause.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::CODE.to_be_bytes(), |_| ());
    }
}
