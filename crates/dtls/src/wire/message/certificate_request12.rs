//! CertificateRequest of DTLS 1.2, RFC 5246 §7.4.4.
//!
//! ```text
//! types 1+n | signature algorithms 2+n | authorities 2+n
//! ```

use crate::wire::{Numbers, ParseError, Reader, writer};

/// `ecdsa_sign`, which stands for Ed25519 too (RFC 8422 §5.5), and `rsa_sign`.
const TYPES: [u8; 2] = [64, 1];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CertificateRequest12<'a> {
    pub(crate) schemes: Numbers<'a>,
}

impl<'a> CertificateRequest12<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let types = reader.vector8()?;
            if types.is_empty() {
                return Err(ParseError::Length(0));
            }
            let schemes = Numbers::parse(reader.vector16()?)?;
            // Names of authorities mean nothing where certificates sign themselves.
            reader.vector16()?;
            Ok(Self { schemes })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector8(out, |out| out.extend_from_slice(&TYPES));
        writer::vector16(out, |out| writer::numbers(out, self.schemes.iter()));
        writer::u16(out, 0);
    }
}
