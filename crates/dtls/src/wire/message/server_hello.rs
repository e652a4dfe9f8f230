//! ServerHello, RFC 5246 §7.4.1.3 and RFC 8446 §4.1.3.
//!
//! ```text
//! version 2 | random 32 | session id 1+n | suite 2 | compression 1 | extensions
//! ```

use crate::wire::{Extensions, ParseError, Reader, writer};
use crate::{CipherSuite, ProtocolVersion};

/// The random that makes a ServerHello a HelloRetryRequest (RFC 8446 §4.1.3): SHA-256 of
/// "HelloRetryRequest".
pub(crate) const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerHello<'a> {
    pub(crate) random: &'a [u8; 32],
    pub(crate) session_id: &'a [u8],
    pub(crate) suite: CipherSuite,
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let version = reader.u16()?;
            if version != ProtocolVersion::Dtls12.wire() {
                return Err(ParseError::Value(version));
            }
            let random = reader.array()?;
            let session_id = reader.vector8()?;
            if session_id.len() > 32 {
                return Err(ParseError::Length(session_id.len()));
            }
            let suite = CipherSuite(reader.u16()?);
            let compression = reader.u8()?;
            if compression != 0 {
                return Err(ParseError::Value(u16::from(compression)));
            }
            let extensions = Extensions::parse_optional(reader)?;
            Ok(Self { random, session_id, suite, extensions })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::u16(out, ProtocolVersion::Dtls12.wire());
        out.extend_from_slice(self.random);
        writer::vector8(out, |out| out.extend_from_slice(self.session_id));
        writer::u16(out, self.suite.0);
        out.push(0);
        self.extensions.write(out);
    }

    pub(crate) fn is_retry(&self) -> bool {
        *self.random == RETRY
    }
}
