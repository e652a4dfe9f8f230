//! `cookie`, RFC 8446 §4.2.2: what a HelloRetryRequest gives, and the next ClientHello gives back.

use crate::wire::{ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cookie<'a>(pub(crate) &'a [u8]);

impl<'a> Cookie<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        match Reader::all(content, Reader::vector16)? {
            [] => Err(ParseError::Length(0)),
            cookie => Ok(Self(cookie)),
        }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        writer::vector16(out, |out| out.extend_from_slice(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_content() {
        let mut out = Vec::new();
        Cookie(&[1, 2]).write(&mut out);
        assert_eq!(Cookie::parse(&out), Ok(Cookie(&[1, 2])));
        assert_eq!(Cookie::parse(&[0, 0]), Err(ParseError::Length(0)));
    }
}
