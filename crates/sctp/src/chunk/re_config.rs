//! RE-CONFIG: requests and responses about streams, RFC 6525 §3.1.

use crate::parameter::Parameters;
use crate::wire::{ParseError, write_tlv};

/// RE-CONFIG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReConfig<'a> {
    /// One or two requests or responses.
    pub parameters: Parameters<'a>,
}

impl<'a> ReConfig<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 130;

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { parameters: Parameters::parse(value)? })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| out.extend_from_slice(self.parameters.as_bytes()));
    }
}
