//! `supported_groups` (RFC 8446 §4.2.7) and `signature_algorithms` (§4.2.3): a list of numbers in
//! the sender's order of preference.

use crate::wire::{Numbers, ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberList;

impl NumberList {
    pub(crate) fn parse(content: &[u8]) -> Result<Numbers<'_>, ParseError> {
        Numbers::parse(Reader::all(content, Reader::vector16)?)
    }

    pub(crate) fn write(numbers: impl IntoIterator<Item = u16>, out: &mut Vec<u8>) {
        writer::vector16(out, |out| writer::numbers(out, numbers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_written() {
        let mut out = Vec::new();
        NumberList::write([0x11EC, 0x1D], &mut out);
        assert_eq!(out, [0, 4, 0x11, 0xEC, 0, 0x1D]);
        let read = NumberList::parse(&out).expect("valid");
        assert_eq!(read.iter().collect::<Vec<_>>(), [0x11EC, 0x1D]);
        assert_eq!(NumberList::parse(&[0, 0]), Err(ParseError::Length(0)));
    }
}
