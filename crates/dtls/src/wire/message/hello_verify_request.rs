//! HelloVerifyRequest, RFC 6347 §4.2.1.
//!
//! ```text
//! version 2 | cookie 1+n
//! ```

use crate::wire::{ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HelloVerifyRequest<'a> {
    pub(crate) cookie: &'a [u8],
}

impl<'a> HelloVerifyRequest<'a> {
    /// The version says nothing: servers of 1.2 write 1.0 there (RFC 6347 §4.2.1).
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            reader.u16()?;
            Ok(Self { cookie: reader.vector8()? })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::u16(out, 0xFEFF);
        writer::vector8(out, |out| out.extend_from_slice(self.cookie));
    }
}
