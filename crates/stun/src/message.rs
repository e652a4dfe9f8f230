//! A message as it lies in a datagram, RFC 8489 §5.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |0 0|   Method and class        |    Length of attributes       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 Magic cookie 0x2112a442                       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 Transaction id, 96 bits                       |
//! |                                                               |
//! |                                                               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 Attributes                                   ...
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

use crate::attribute::{
    Attributes, fingerprint, fixed, message_integrity, message_integrity_sha256, raw,
};
use crate::kind;
use crate::{Attribute, AttributeError, AttributeType, Class, IntegrityKey, Method, TransactionId};

/// Bytes of the header.
pub(crate) const HEADER: usize = 20;

/// What every message has in its second word.
pub(crate) const MAGIC_COOKIE: u32 = 0x2112_a442;

/// Whether a datagram is STUN: a first byte from 0 to 3, and the magic cookie. This is the cheap
/// test of a demultiplexer, RFC 7983 §7; [`Message::parse`] looks closer.
#[inline]
pub fn is_stun(bytes: &[u8]) -> bool {
    match bytes.first_chunk::<HEADER>() {
        // Methods above 0xff would make the first byte larger; they are not given out
        // (RFC 8489 §18.2).
        Some(&[t0, _, _, _, c0, c1, c2, c3, ..]) => {
            t0 <= 3 && u32::from_be_bytes([c0, c1, c2, c3]) == MAGIC_COOKIE
        }
        None => false,
    }
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not even a header.
    #[error("{had} bytes, a header has {needed}")]
    Truncated {
        /// Bytes of a header.
        needed: usize,
        /// Bytes there were.
        had: usize,
    },
    /// The two highest bits are not zero: another protocol.
    #[error("type field {0:#06x} has its highest bits set")]
    Type(u16),
    /// Another word in place of the magic cookie: another protocol, or RFC 3489.
    #[error("{0:#010x} in place of the magic cookie")]
    Cookie(u32),
    /// The length field is no multiple of 4, or differs from what follows the header.
    #[error("a length field of {stated} and {had} bytes after the header")]
    Length {
        /// The length field, in bytes.
        stated: usize,
        /// Bytes after the header.
        had: usize,
    },
    /// An attribute reaches beyond the message.
    #[error("an attribute at offset {offset} needs {needed} bytes, there are {had}")]
    Overrun {
        /// Where it begins, in bytes from the start of the message.
        offset: usize,
        /// Its bytes with head and padding.
        needed: usize,
        /// Bytes there were.
        had: usize,
    },
    /// MESSAGE-INTEGRITY or FINGERPRINT of a wrong length.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// FINGERPRINT is not the last attribute.
    #[error("{had} bytes after FINGERPRINT")]
    AfterFingerprint {
        /// Bytes that follow it.
        had: usize,
    },
}

/// Why a message is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It carries no such attribute.
    #[error("no {0}")]
    Missing(AttributeType),
    /// The attribute holds another value.
    #[error("{0} does not match")]
    Mismatch(AttributeType),
}

/// A well-formed message. Its attributes are read when they are asked for.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    header: &'a [u8; HEADER],
    class: Class,
    method: Method,
    id: TransactionId,
    /// Up to MESSAGE-INTEGRITY or FINGERPRINT: those that count.
    attributes: &'a [u8],
    integrity: Option<&'a [u8; message_integrity::LENGTH]>,
    sha256: Option<Sha256<'a>>,
    fingerprint: Option<Fingerprint<'a>>,
}

/// MESSAGE-INTEGRITY-SHA256.
#[derive(Clone, Copy)]
struct Sha256<'a> {
    /// The attributes before it, MESSAGE-INTEGRITY included.
    attributes: &'a [u8],
    value: &'a [u8],
}

#[derive(Clone, Copy)]
struct Fingerprint<'a> {
    before: &'a [u8],
    value: u32,
}

impl<'a> Message<'a> {
    /// Reads one message that fills `bytes`. One pass, no allocation.
    ///
    /// # Errors
    ///
    /// The header or the chain of attributes is malformed. Values are not looked at.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let truncated = ParseError::Truncated { needed: HEADER, had: bytes.len() };
        let (header, body) = bytes.split_first_chunk::<HEADER>().ok_or(truncated)?;
        let &[t0, t1, l0, l1, c0, c1, c2, c3, ref id @ ..] = header;
        let (field, cookie) = (u16::from_be_bytes([t0, t1]), u32::from_be_bytes([c0, c1, c2, c3]));
        if t0 >= 0x40 {
            return Err(ParseError::Type(field));
        }
        if cookie != MAGIC_COOKIE {
            return Err(ParseError::Cookie(cookie));
        }
        let stated = usize::from(u16::from_be_bytes([l0, l1]));
        if stated % 4 != 0 || stated != body.len() {
            return Err(ParseError::Length { stated, had: body.len() });
        }
        let (class, method) = kind::unpack(field);
        let mut message = Self {
            bytes,
            header,
            class,
            method,
            id: TransactionId::from(*id),
            attributes: body,
            integrity: None,
            sha256: None,
            fingerprint: None,
        };
        message.scan(body)?;
        Ok(message)
    }

    /// Walks along the attributes, and notes where the last three of them are.
    fn scan(&mut self, body: &'a [u8]) -> Result<(), ParseError> {
        let mut rest = body;
        while !rest.is_empty() {
            let at = body.len().saturating_sub(rest.len());
            let (attribute, next) =
                raw::split_first(rest).map_err(|overrun| ParseError::Overrun {
                    offset: at.saturating_add(HEADER),
                    needed: overrun.needed,
                    had: rest.len(),
                })?;
            match attribute.kind {
                // After MESSAGE-INTEGRITY-SHA256 it would not count, RFC 8489 §14.6.
                AttributeType::MESSAGE_INTEGRITY
                    if self.integrity.is_none() && self.sha256.is_none() =>
                {
                    self.integrity = Some(fixed::parse(attribute.kind, attribute.value)?);
                    self.attributes = body.get(..at).unwrap_or_default();
                }
                AttributeType::MESSAGE_INTEGRITY_SHA256 if self.sha256.is_none() => {
                    let value = message_integrity_sha256::parse(attribute.value)?;
                    let attributes = body.get(..at).unwrap_or_default();
                    self.sha256 = Some(Sha256 { attributes, value });
                    if self.integrity.is_none() {
                        self.attributes = attributes;
                    }
                }
                AttributeType::FINGERPRINT => {
                    // RFC 8489 §14.7: it is the last one.
                    if !next.is_empty() {
                        return Err(ParseError::AfterFingerprint { had: next.len() });
                    }
                    let before = self.bytes.get(..at.saturating_add(HEADER)).unwrap_or_default();
                    let value = u32::from_be_bytes(*fixed::parse(attribute.kind, attribute.value)?);
                    self.fingerprint = Some(Fingerprint { before, value });
                    if self.integrity.is_none() && self.sha256.is_none() {
                        self.attributes = body.get(..at).unwrap_or_default();
                    }
                }
                _ => {}
            }
            rest = next;
        }
        Ok(())
    }

    /// Its class.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Its method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// What ties a response to its request.
    pub const fn transaction_id(&self) -> TransactionId {
        self.id
    }

    /// Its bytes, header included.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The attributes that count, in their order. MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, what
    /// follows them (a receiver ignores that, RFC 8489 §14.5) and FINGERPRINT are not among them.
    pub const fn attributes(&self) -> Attributes<'a> {
        Attributes(self.attributes)
    }

    /// The first attribute of this type: a receiver ignores repetitions (RFC 8489 §14).
    ///
    /// # Errors
    ///
    /// There is one, and its value breaks the rules of its RFC.
    #[inline]
    pub fn get<A: Attribute<'a>>(&self) -> Result<Option<A>, AttributeError> {
        self.attributes()
            .find(|attribute| attribute.kind == A::TYPE)
            .map(|attribute| A::parse(attribute.value, &self.id))
            .transpose()
    }

    /// The attributes that must be understood and are not in `understood`: a reason to refuse the
    /// message, RFC 8489 §6.3.
    pub fn unknown_attributes(
        &self,
        understood: &[AttributeType],
    ) -> impl Iterator<Item = AttributeType> {
        self.attributes()
            .map(|attribute| attribute.kind)
            .filter(|kind| kind.is_comprehension_required() && !understood.contains(kind))
    }

    /// Whether it carries a MESSAGE-INTEGRITY, right or wrong.
    pub const fn has_integrity(&self) -> bool {
        self.integrity.is_some()
    }

    /// Whether it carries a MESSAGE-INTEGRITY-SHA256, right or wrong.
    pub const fn has_integrity_sha256(&self) -> bool {
        self.sha256.is_some()
    }

    /// Whether it carries a FINGERPRINT, right or wrong.
    pub const fn has_fingerprint(&self) -> bool {
        self.fingerprint.is_some()
    }

    /// Whether MESSAGE-INTEGRITY was made with this key, in time that does not depend on the
    /// value.
    ///
    /// # Errors
    ///
    /// There is none, or it was made with another key or for other bytes.
    pub fn check_integrity(&self, key: &IntegrityKey) -> Result<(), CheckError> {
        let kind = AttributeType::MESSAGE_INTEGRITY;
        let value = self.integrity.ok_or(CheckError::Missing(kind))?;
        let code = message_integrity::code(key, self.header, self.attributes);
        if code.begins_with(value) { Ok(()) } else { Err(CheckError::Mismatch(kind)) }
    }

    /// Whether MESSAGE-INTEGRITY-SHA256 was made with this key, in time that does not depend on
    /// the value. It may be cut to no less than 16 bytes (RFC 8489 §14.6).
    ///
    /// # Errors
    ///
    /// There is none, or it was made with another key or for other bytes.
    pub fn check_integrity_sha256(&self, key: &IntegrityKey) -> Result<(), CheckError> {
        let kind = AttributeType::MESSAGE_INTEGRITY_SHA256;
        let Sha256 { attributes, value } = self.sha256.ok_or(CheckError::Missing(kind))?;
        let code = message_integrity_sha256::code(key, self.header, attributes, value.len());
        if code.begins_with(value) { Ok(()) } else { Err(CheckError::Mismatch(kind)) }
    }

    /// Whether FINGERPRINT is the checksum of what precedes it.
    ///
    /// # Errors
    ///
    /// There is none, or it is another one's.
    pub fn check_fingerprint(&self) -> Result<(), CheckError> {
        let kind = AttributeType::FINGERPRINT;
        let Fingerprint { before, value } = self.fingerprint.ok_or(CheckError::Missing(kind))?;
        if fingerprint::checksum(before) == value {
            Ok(())
        } else {
            Err(CheckError::Mismatch(kind))
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {} ", self.method, self.class, self.id)?;
        f.debug_list().entries(self.attributes()).finish()
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may panic")]
mod tests;
