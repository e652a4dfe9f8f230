//! `record_size_limit`, RFC 8449 §4: how much plaintext the sender takes in a record. In DTLS 1.3
//! the content type counts.

use crate::wire::{ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordSizeLimit(pub(crate) u16);

impl RecordSizeLimit {
    const LEAST: u16 = 64;

    pub(crate) fn parse(content: &[u8]) -> Result<Self, ParseError> {
        match Reader::all(content, Reader::u16)? {
            limit if limit < Self::LEAST => Err(ParseError::Value(limit)),
            limit => Ok(Self(limit)),
        }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        writer::u16(out, self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_not_too_small() {
        assert_eq!(RecordSizeLimit::parse(&[0, 64]), Ok(RecordSizeLimit(64)));
        assert_eq!(RecordSizeLimit::parse(&[0, 63]), Err(ParseError::Value(63)));
    }
}
