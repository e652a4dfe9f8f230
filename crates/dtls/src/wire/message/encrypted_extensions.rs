//! EncryptedExtensions, RFC 8446 §4.3.1.

use crate::wire::{Extensions, ParseError, Reader};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncryptedExtensions<'a> {
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> EncryptedExtensions<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| Ok(Self { extensions: Extensions::parse(reader)? }))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.extensions.write(out);
    }
}
