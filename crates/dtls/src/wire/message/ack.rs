//! Acknowledgements, RFC 9147 §7. Not a handshake message but a content type of its own.
//!
//! ```text
//! list 2+n of ( epoch 8 | sequence number 8 )
//! ```

use crate::wire::{ParseError, Reader, writer};

/// A record of DTLS 1.3, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordNumber {
    pub(crate) epoch: u64,
    pub(crate) sequence: u64,
}

/// The records of the other side that have been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ack<'a>(&'a [[u8; 16]]);

impl<'a> Ack<'a> {
    /// Bytes around the numbers, and of each.
    pub(crate) const HEADER: usize = 2;
    pub(crate) const NUMBER: usize = 16;

    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        let list = Reader::all(body, Reader::vector16)?;
        match list.as_chunks() {
            (numbers, []) => Ok(Self(numbers)),
            _ => Err(ParseError::Length(list.len())),
        }
    }

    pub(crate) fn write(numbers: &[RecordNumber], out: &mut Vec<u8>) {
        writer::vector16(out, |out| {
            for number in numbers {
                out.extend_from_slice(&number.epoch.to_be_bytes());
                out.extend_from_slice(&number.sequence.to_be_bytes());
            }
        });
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = RecordNumber> + 'a {
        self.0.iter().filter_map(|bytes| {
            let mut reader = Reader::new(bytes);
            Some(RecordNumber { epoch: reader.u64().ok()?, sequence: reader.u64().ok()? })
        })
    }
}
