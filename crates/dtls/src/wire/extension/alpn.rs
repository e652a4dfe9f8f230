//! `application_layer_protocol_negotiation`, RFC 7301 §3.1.
//!
//! ```text
//! list 2+n of ( name 1+n )
//! ```

use alloc::boxed::Box;

use crate::wire::{ParseError, Reader, writer};

/// Names of protocols: all that a client offers, or the one that the server has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProtocolNames<'a>(&'a [u8]);

impl<'a> ProtocolNames<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        let list = Reader::all(content, Reader::vector16)?;
        let mut left = Reader::new(list);
        if left.is_empty() {
            return Err(ParseError::Length(0));
        }
        while !left.is_empty() {
            if left.vector8()?.is_empty() {
                return Err(ParseError::Length(0));
            }
        }
        Ok(Self(list))
    }

    pub(crate) fn write<'n>(names: impl IntoIterator<Item = &'n [u8]>, out: &mut Vec<u8>) {
        writer::vector16(out, |out| {
            for name in names {
                writer::vector8(out, |out| out.extend_from_slice(name));
            }
        });
    }

    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        let mut left = Reader::new(self.0);
        core::iter::from_fn(move || left.vector8().ok())
    }

    /// The first of `ours` that the client offers.
    pub(crate) fn choose(self, ours: &[Box<[u8]>]) -> Option<&[u8]> {
        ours.iter().map(|name| &**name).find(|name| self.iter().any(|offered| offered == *name))
    }

    /// What the server has chosen: one name, and one of `ours`.
    pub(crate) fn chosen(self, ours: &[Box<[u8]>]) -> Result<&[u8], ParseError> {
        match (self.choose(ours), self.iter().count()) {
            (Some(name), 1) => Ok(name),
            _ => Err(ParseError::Value(u16::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<Box<[u8]>> {
        all.iter().map(|name| name.as_bytes().into()).collect()
    }

    fn written(all: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        ProtocolNames::write(all.iter().map(|name| name.as_bytes()), &mut out);
        out
    }

    #[test]
    fn our_order_decides_among_what_is_offered() {
        let offered = written(&["c-webrtc", "webrtc"]);
        assert_eq!(offered[..5], [0, 16, 8, b'c', b'-']);
        let offered = ProtocolNames::parse(&offered).expect("valid");
        let ours = names(&["h3", "webrtc", "c-webrtc"]);
        assert_eq!(offered.choose(&ours), Some(&b"webrtc"[..]));
        assert_eq!(offered.choose(&names(&["h3"])), None);
    }

    #[test]
    fn an_answer_has_one_name_that_was_offered() {
        let ours = names(&["webrtc"]);
        for (answer, valid) in
            [(&["webrtc"][..], true), (&["h3"], false), (&["webrtc", "h3"], false)]
        {
            let answer = written(answer);
            let answer = ProtocolNames::parse(&answer).expect("valid");
            assert_eq!(answer.chosen(&ours).is_ok(), valid);
        }
    }

    #[test]
    fn names_are_not_empty() {
        assert_eq!(ProtocolNames::parse(&[0, 0]), Err(ParseError::Length(0)));
        assert_eq!(ProtocolNames::parse(&[0, 3, 1, b'a', 0]), Err(ParseError::Length(0)));
        let truncated = ParseError::Truncated { needed: 2, had: 1 };
        assert_eq!(ProtocolNames::parse(&[0, 2, 2, b'a']), Err(truncated));
    }
}
