//! ClientHello, RFC 6347 §4.2.1 and RFC 9147 §5.3.
//!
//! ```text
//! version 2 | random 32 | session id 1+n | cookie 1+n | suites 2+n | compression 1+n | extensions
//! ```

use crate::wire::{Extensions, Numbers, ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientHello<'a> {
    pub(crate) version: u16,
    pub(crate) random: &'a [u8; 32],
    pub(crate) session_id: &'a [u8],
    /// What a HelloVerifyRequest gave (RFC 6347 §4.2.1).
    pub(crate) cookie: &'a [u8],
    pub(crate) suites: Numbers<'a>,
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let version = reader.u16()?;
            let random = reader.array()?;
            let session_id = reader.vector8()?;
            if session_id.len() > 32 {
                return Err(ParseError::Length(session_id.len()));
            }
            let cookie = reader.vector8()?;
            let suites = Numbers::parse(reader.vector16()?)?;
            let compression = reader.vector8()?;
            if !compression.contains(&0) {
                return Err(ParseError::Value(u16::MAX));
            }
            let extensions = Extensions::parse_optional(reader)?;
            Ok(Self { version, random, session_id, cookie, suites, extensions })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::u16(out, self.version);
        out.extend_from_slice(self.random);
        writer::vector8(out, |out| out.extend_from_slice(self.session_id));
        writer::vector8(out, |out| out.extend_from_slice(self.cookie));
        writer::vector16(out, |out| writer::numbers(out, self.suites.iter()));
        out.extend_from_slice(&[1, 0]);
        self.extensions.write(out);
    }
}
