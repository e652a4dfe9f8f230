//! ClientKeyExchange with an ephemeral curve, RFC 8422 §5.7.
//!
//! ```text
//! point 1+n
//! ```

use crate::wire::{ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientKeyExchange<'a> {
    pub(crate) share: &'a [u8],
}

impl<'a> ClientKeyExchange<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { share: Reader::all(body, Reader::vector8)? })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector8(out, |out| out.extend_from_slice(self.share));
    }
}
