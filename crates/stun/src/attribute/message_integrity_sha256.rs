//! MESSAGE-INTEGRITY-SHA256, RFC 8489 §14.6: HMAC-SHA256 over all that precedes it, as
//! [`message_integrity`] does it.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{AttributeError, AttributeType, message_integrity};
use crate::hmac::Digest;
use crate::{IntegrityKey, message::HEADER};

/// Bytes of the value as it is written.
pub(crate) const LENGTH: usize = 32;

/// The least that may be left of a value that was cut.
const LEAST: usize = 16;

/// A value, whole or cut to a multiple of four bytes.
pub(crate) fn parse(value: &[u8]) -> Result<&[u8], AttributeError> {
    if (LEAST..=LENGTH).contains(&value.len()) && value.len().is_multiple_of(4) {
        return Ok(value);
    }
    let (kind, had) = (AttributeType::MESSAGE_INTEGRITY_SHA256, value.len());
    Err(AttributeError::Length { kind, needed: LENGTH, had })
}

/// The value for `attributes`, which lie between the header and this attribute. A cut value
/// shortens the message that its header speaks of.
#[inline]
pub(crate) fn code(
    key: &IntegrityKey,
    header: &[u8; HEADER],
    attributes: &[u8],
    length: usize,
) -> Digest<8> {
    key.sha256.code(&message_integrity::ending_after(length, header, attributes), attributes)
}
