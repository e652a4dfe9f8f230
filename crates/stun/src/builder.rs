//! Building a message at the end of the caller's buffer.

use crate::attribute::{fingerprint, message_integrity, message_integrity_sha256};
use crate::kind;
use crate::message::{HEADER, MAGIC_COOKIE};
use crate::{
    Attribute, AttributeType, Class, ErrorCode, IntegrityKey, Message, Method, TransactionId,
};

/// The most bytes of attributes: what the length field can say, in whole words, without
/// MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT.
const MAX_ATTRIBUTES: usize = 0xfffc
    - (4 + message_integrity::LENGTH)
    - (4 + message_integrity_sha256::LENGTH)
    - (4 + fingerprint::LENGTH);

/// A message that grows attribute by attribute. After each step the buffer ends with a whole
/// message, so there is no step to finish with.
///
/// ```
/// # use patchcord_stun::*;
/// # let id = TransactionId::from([7; 12]);
/// let mut out = Vec::new();
/// MessageBuilder::request(&mut out, Method::BINDING, id)
///     .attribute(&attribute::Priority(0x6e00_01ff))
///     .integrity(&IntegrityKey::short_term("VOkJxbRl1RmTxUk/WvJxBt"))
///     .fingerprint();
/// assert_eq!(out.len(), 20 + 8 + 24 + 8);
/// ```
#[derive(Debug)]
pub struct MessageBuilder<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    id: TransactionId,
    padding: u8,
}

impl<'o> MessageBuilder<'o> {
    /// A message without attributes, appended to `out`.
    pub fn new(out: &'o mut Vec<u8>, class: Class, method: Method, id: TransactionId) -> Self {
        let start = out.len();
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&kind::pack(class, method).to_be_bytes());
        header[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        header[8..].copy_from_slice(id.as_bytes());
        // Room for an ordinary message, so that the buffer grows once.
        out.reserve(128);
        out.extend_from_slice(&header);
        Self { out, start, id, padding: 0 }
    }

    /// A request.
    pub fn request(out: &'o mut Vec<u8>, method: Method, id: TransactionId) -> Self {
        Self::new(out, Class::Request, method, id)
    }

    /// An indication.
    pub fn indication(out: &'o mut Vec<u8>, method: Method, id: TransactionId) -> Self {
        Self::new(out, Class::Indication, method, id)
    }

    /// The success response to a request.
    pub fn success(out: &'o mut Vec<u8>, request: &Message<'_>) -> Self {
        Self::new(out, Class::SuccessResponse, request.method(), request.transaction_id())
    }

    /// The error response to a request, with its ERROR-CODE.
    pub fn error(out: &'o mut Vec<u8>, request: &Message<'_>, code: ErrorCode<'_>) -> Self {
        Self::new(out, Class::ErrorResponse, request.method(), request.transaction_id())
            .attribute(&code)
    }

    /// The error response 420 to a request with attributes that must be understood and are not in
    /// `understood`, with the list of the first 32 of them (RFC 8489 §6.3.1).
    pub fn unknown_attributes(
        out: &'o mut Vec<u8>,
        request: &Message<'_>,
        understood: &[AttributeType],
    ) -> Self {
        Self::error(out, request, ErrorCode::UNKNOWN_ATTRIBUTE).append(
            AttributeType::UNKNOWN_ATTRIBUTES,
            |out| {
                for kind in request.unknown_attributes(understood).take(32) {
                    out.extend_from_slice(&kind.0.to_be_bytes());
                }
            },
        )
    }

    /// Pads with this byte from here on instead of zero. RFC 8489 §14 wants zeros; RFC 5389, and
    /// the test vectors of RFC 5769, allow any.
    #[must_use]
    pub fn pad_with(self, padding: u8) -> Self {
        Self { padding, ..self }
    }

    /// Adds an attribute. One that would not fit into a message is left out.
    #[expect(clippy::return_self_not_must_use, reason = "the message is whole after each step")]
    pub fn attribute<'a, A: Attribute<'a>>(self, attribute: &A) -> Self {
        let id = self.id;
        self.append(A::TYPE, |out| attribute.write(&id, out))
    }

    /// Adds an attribute that has no type of its own. One that would not fit into a message is
    /// left out.
    #[expect(clippy::return_self_not_must_use, reason = "the message is whole after each step")]
    pub fn raw(self, kind: AttributeType, value: &[u8]) -> Self {
        self.append(kind, |out| out.extend_from_slice(value))
    }

    /// Bytes of the attributes so far.
    pub const fn attributes_len(&self) -> usize {
        self.out.len() - self.start - HEADER
    }

    /// Adds MESSAGE-INTEGRITY; nothing but MESSAGE-INTEGRITY-SHA256 and FINGERPRINT may follow.
    pub fn integrity(self, key: &IntegrityKey) -> SealedMessage<'o> {
        let Self { out, start, .. } = self;
        if let Some((header, attributes)) = out[start..].split_first_chunk::<HEADER>() {
            let code = message_integrity::code(key, header, attributes);
            append_head(out, AttributeType::MESSAGE_INTEGRITY, message_integrity::LENGTH);
            code.write(out);
            set_length(out, start, 0);
        }
        SealedMessage { out, start }
    }

    /// Adds MESSAGE-INTEGRITY-SHA256; nothing but FINGERPRINT may follow.
    pub fn integrity_sha256(self, key: &IntegrityKey) -> SealedMessage<'o> {
        SealedMessage { out: self.out, start: self.start }.integrity_sha256(key)
    }

    /// Adds FINGERPRINT, the last attribute.
    pub fn fingerprint(self) {
        SealedMessage { out: self.out, start: self.start }.fingerprint();
    }

    /// Appends head, value and padding, and brings the length of the message up to date.
    #[inline]
    fn append(self, kind: AttributeType, value: impl FnOnce(&mut Vec<u8>)) -> Self {
        let Self { out, start, id, padding } = self;
        let at = out.len();
        append_head(out, kind, 0);
        value(out);
        let length = out.len() - at - 4;
        if at + 4 + length.next_multiple_of(4) - start - HEADER > MAX_ATTRIBUTES {
            out.truncate(at);
        } else {
            out[at + 2..at + 4].copy_from_slice(&narrow(length).to_be_bytes());
            out.extend_from_slice(&[padding; 3][..length.next_multiple_of(4) - length]);
            set_length(out, start, 0);
        }
        Self { out, start, id, padding }
    }
}

/// A message whose integrity is sealed.
#[derive(Debug)]
pub struct SealedMessage<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
}

impl SealedMessage<'_> {
    /// Adds MESSAGE-INTEGRITY-SHA256, for a receiver of which it is not known whether it takes
    /// the one or the other; nothing but FINGERPRINT may follow.
    #[expect(clippy::return_self_not_must_use, reason = "the message is whole after each step")]
    pub fn integrity_sha256(self, key: &IntegrityKey) -> Self {
        let Self { out, start } = self;
        let length = message_integrity_sha256::LENGTH;
        if let Some((header, attributes)) = out[start..].split_first_chunk::<HEADER>() {
            let code = message_integrity_sha256::code(key, header, attributes, length);
            append_head(out, AttributeType::MESSAGE_INTEGRITY_SHA256, length);
            code.write(out);
            set_length(out, start, 0);
        }
        Self { out, start }
    }

    /// Adds FINGERPRINT, the last attribute.
    pub fn fingerprint(self) {
        let Self { out, start } = self;
        set_length(out, start, 4 + fingerprint::LENGTH);
        let value = fingerprint::checksum(&out[start..]);
        append_head(out, AttributeType::FINGERPRINT, fingerprint::LENGTH);
        out.extend_from_slice(&value.to_be_bytes());
    }
}

#[inline]
fn append_head(out: &mut Vec<u8>, kind: AttributeType, length: usize) {
    let ([t0, t1], [l0, l1]) = (kind.0.to_be_bytes(), narrow(length).to_be_bytes());
    out.extend_from_slice(&[t0, t1, l0, l1]);
}

/// Brings the length field up to date, counting `more` bytes that are still to come.
#[inline]
fn set_length(out: &mut [u8], start: usize, more: usize) {
    let length = narrow(out.len() - start - HEADER + more);
    out[start + 2..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// A length within a message, as the wire has it: the parser and [`MAX_ATTRIBUTES`] bound it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a message is bounded")]
pub(crate) const fn narrow(length: usize) -> u16 {
    length as u16
}

#[cfg(test)]
mod tests;
