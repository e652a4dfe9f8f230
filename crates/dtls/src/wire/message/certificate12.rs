//! Certificate of DTLS 1.2, RFC 5246 §7.4.2.
//!
//! ```text
//! list 3+n of ( certificate 3+n )
//! ```

use crate::wire::{ParseError, Reader, writer};

/// The sender's certificate, then those that vouch for it. Empty: it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate12<'a> {
    pub(crate) chain: Vec<&'a [u8]>,
}

impl<'a> Certificate12<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        let mut list = Reader::new(Reader::all(body, Reader::vector24)?);
        let mut chain = Vec::new();
        while !list.is_empty() {
            match list.vector24()? {
                [] => return Err(ParseError::Length(0)),
                certificate => chain.push(certificate),
            }
        }
        Ok(Self { chain })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector24(out, |out| {
            for certificate in &self.chain {
                writer::vector24(out, |out| out.extend_from_slice(certificate));
            }
        });
    }
}
