//! Certificate of DTLS 1.3, RFC 8446 §4.4.2.
//!
//! ```text
//! context 1+n | list 3+n of ( certificate 3+n | extensions 2+n )
//! ```

use crate::wire::{Extensions, ParseError, Reader, writer};

/// The sender's certificate; what it appends of a chain means nothing here. `None`: it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Certificate13<'a> {
    /// What the request said; empty for a server's.
    pub(crate) context: &'a [u8],
    pub(crate) leaf: Option<&'a [u8]>,
}

impl<'a> Certificate13<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let context = reader.vector8()?;
            let mut list = Reader::new(reader.vector24()?);
            let mut leaf = None;
            while !list.is_empty() {
                let certificate = list.vector24()?;
                if certificate.is_empty() {
                    return Err(ParseError::Length(0));
                }
                Extensions::parse(&mut list)?;
                leaf = leaf.or(Some(certificate));
            }
            Ok(Self { context, leaf })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector8(out, |out| out.extend_from_slice(self.context));
        writer::vector24(out, |out| {
            if let Some(leaf) = self.leaf {
                writer::vector24(out, |out| out.extend_from_slice(leaf));
                Extensions::NONE.write(out);
            }
        });
    }
}
