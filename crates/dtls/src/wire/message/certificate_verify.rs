//! CertificateVerify, RFC 5246 §7.4.8 and RFC 8446 §4.4.3.
//!
//! ```text
//! scheme 2 | signature 2+n
//! ```

use crate::SignatureScheme;
use crate::wire::{ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CertificateVerify<'a> {
    pub(crate) scheme: SignatureScheme,
    pub(crate) signature: &'a [u8],
}

impl<'a> CertificateVerify<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, Self::read)
    }

    /// As a part of another message.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        Ok(Self { scheme: SignatureScheme(reader.u16()?), signature: reader.vector16()? })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::u16(out, self.scheme.0);
        writer::vector16(out, |out| out.extend_from_slice(self.signature));
    }
}
