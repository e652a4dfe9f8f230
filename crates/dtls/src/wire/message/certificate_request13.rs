//! CertificateRequest of DTLS 1.3, RFC 8446 §4.3.2.
//!
//! ```text
//! context 1+n | extensions 2+n
//! ```

use crate::wire::{Extensions, ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CertificateRequest13<'a> {
    /// To be repeated in the answer; empty during the handshake.
    pub(crate) context: &'a [u8],
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> CertificateRequest13<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            Ok(Self { context: reader.vector8()?, extensions: Extensions::parse(reader)? })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector8(out, |out| out.extend_from_slice(self.context));
        self.extensions.write(out);
    }
}
