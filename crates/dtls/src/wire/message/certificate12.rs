//! Certificate of DTLS 1.2, RFC 5246 §7.4.2.
//!
//! ```text
//! list 3+n of ( certificate 3+n )
//! ```

use crate::wire::{ParseError, Reader, writer};

/// The sender's certificate; what it appends of a chain means nothing here. `None`: it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Certificate12<'a> {
    pub(crate) leaf: Option<&'a [u8]>,
}

impl<'a> Certificate12<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        let mut list = Reader::new(Reader::all(body, Reader::vector24)?);
        let mut leaf = None;
        while !list.is_empty() {
            let certificate = list.vector24()?;
            if certificate.is_empty() {
                return Err(ParseError::Length(0));
            }
            leaf = leaf.or(Some(certificate));
        }
        Ok(Self { leaf })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector24(out, |out| {
            if let Some(leaf) = self.leaf {
                writer::vector24(out, |out| out.extend_from_slice(leaf));
            }
        });
    }
}
