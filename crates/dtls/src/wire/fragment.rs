//! The header of a handshake fragment, RFC 6347 §4.2.2 and RFC 9147 §5.2.
//!
//! ```text
//! +------+--------+-------------+-----------------+-----------------+---
//! | type | length | message_seq | fragment_offset | fragment_length | …
//! +------+--------+-------------+-----------------+-----------------+---
//!    1       3           2               3                 3
//! ```

use super::{ParseError, Reader, writer};

/// What a handshake message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MessageKind(pub(crate) u8);

impl MessageKind {
    pub(crate) const HELLO_REQUEST: Self = Self(0);
    pub(crate) const CLIENT_HELLO: Self = Self(1);
    pub(crate) const SERVER_HELLO: Self = Self(2);
    pub(crate) const HELLO_VERIFY_REQUEST: Self = Self(3);
    pub(crate) const NEW_SESSION_TICKET: Self = Self(4);
    pub(crate) const ENCRYPTED_EXTENSIONS: Self = Self(8);
    pub(crate) const CERTIFICATE: Self = Self(11);
    pub(crate) const SERVER_KEY_EXCHANGE: Self = Self(12);
    pub(crate) const CERTIFICATE_REQUEST: Self = Self(13);
    pub(crate) const SERVER_HELLO_DONE: Self = Self(14);
    pub(crate) const CERTIFICATE_VERIFY: Self = Self(15);
    pub(crate) const CLIENT_KEY_EXCHANGE: Self = Self(16);
    pub(crate) const FINISHED: Self = Self(20);
    pub(crate) const KEY_UPDATE: Self = Self(24);
    /// Stands for a first ClientHello in a transcript (RFC 8446 §4.4.1).
    pub(crate) const MESSAGE_HASH: Self = Self(254);
}

/// A part of a handshake message, or all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragment<'a> {
    pub(crate) kind: MessageKind,
    /// Bytes of the whole message's body.
    pub(crate) length: usize,
    /// Counts the messages of a side.
    pub(crate) sequence: u16,
    /// Where `body` lies in the message.
    pub(crate) offset: usize,
    pub(crate) body: &'a [u8],
}

impl<'a> Fragment<'a> {
    pub(crate) const HEADER: usize = 12;

    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let kind = MessageKind(reader.u8()?);
        let length = reader.u24()?;
        let sequence = reader.u16()?;
        let offset = reader.u24()?;
        let body = reader.vector24()?;
        let end = offset.saturating_add(body.len());
        if end > length {
            return Err(ParseError::Length(end));
        }
        Ok(Self { kind, length, sequence, offset, body })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind.0);
        writer::u24(out, self.length);
        writer::u16(out, self.sequence);
        writer::u24(out, self.offset);
        writer::vector24(out, |out| out.extend_from_slice(self.body));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_lie_within_their_message() {
        let parse = |bytes: &[u8]| Fragment::parse(&mut Reader::new(bytes)).map(|f| f.offset);
        assert_eq!(parse(&[1, 0, 0, 5, 0, 7, 0, 0, 3, 0, 0, 2, 8, 9]), Ok(3));
        for (bytes, error) in [
            (&[1, 0, 0, 5, 0, 7, 0, 0, 4, 0, 0, 2, 8, 9][..], ParseError::Length(6)),
            (&[1, 0, 0, 5, 0, 7, 0, 0, 3, 0, 0, 2, 8], ParseError::Truncated { needed: 2, had: 1 }),
        ] {
            assert_eq!(parse(bytes), Err(error));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(
            kind: u8,
            sequence: u16,
            offset in 0..9000_usize,
            more in 0..9000_usize,
            body in prop::collection::vec(any::<u8>(), 1..50),
        ) {
            let length = offset + body.len() + more;
            let kind = MessageKind(kind);
            let fragment = Fragment { kind, length, sequence, offset, body: &body };
            let mut bytes = Vec::new();
            fragment.write(&mut bytes);
            prop_assert_eq!(bytes.len(), Fragment::HEADER + body.len());
            prop_assert_eq!(Reader::all(&bytes, Fragment::parse), Ok(fragment));
        }
    }
}
