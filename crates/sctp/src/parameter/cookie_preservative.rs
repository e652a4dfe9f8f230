//! Cookie Preservative: asks for a cookie that lives longer, RFC 9260 §3.3.2.1.3.

use crate::wire::{ParseError, Reader, write_tlv};

/// Cookie Preservative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookiePreservative {
    /// How much longer, in milliseconds.
    pub increment_ms: u32,
}

impl CookiePreservative {
    /// Parameter type.
    pub const TYPE: u16 = 9;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        Ok(Self { increment_ms: Reader::new(value).u32()? })
    }

    /// Appends the parameter.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.increment_ms.to_be_bytes());
        });
    }
}
