//! Certificate of DTLS 1.3, RFC 8446 §4.4.2.
//!
//! ```text
//! context 1+n | list 3+n of ( certificate 3+n | extensions 2+n )
//! ```

use crate::wire::{Extensions, ParseError, Reader, writer};

/// The sender's certificate, then those that vouch for it. Empty: it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate13<'a> {
    /// What the request said; empty for a server's.
    pub(crate) context: &'a [u8],
    pub(crate) chain: Vec<&'a [u8]>,
}

impl<'a> Certificate13<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let context = reader.vector8()?;
            let mut list = Reader::new(reader.vector24()?);
            let mut chain = Vec::new();
            while !list.is_empty() {
                match list.vector24()? {
                    [] => return Err(ParseError::Length(0)),
                    certificate => chain.push(certificate),
                }
                Extensions::parse(&mut list)?;
            }
            Ok(Self { context, chain })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector8(out, |out| out.extend_from_slice(self.context));
        writer::vector24(out, |out| {
            for certificate in &self.chain {
                writer::vector24(out, |out| out.extend_from_slice(certificate));
                Extensions::NONE.write(out);
            }
        });
    }
}
