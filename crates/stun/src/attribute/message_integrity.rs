//! MESSAGE-INTEGRITY, RFC 8489 §14.5: HMAC-SHA1 over all that precedes it.
//!
//! The text begins with the header, whose length field says that the message ends with this
//! attribute. Where it says something else, two other bytes go into the hash.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::hmac::Digest;
use crate::{IntegrityKey, builder::narrow, message::HEADER};

/// Bytes of the value.
pub(crate) const LENGTH: usize = 20;

/// The value for `attributes`, which lie between the header and this attribute.
#[inline]
pub(crate) fn code(key: &IntegrityKey, header: &[u8; HEADER], attributes: &[u8]) -> Digest<5> {
    key.sha1.code(&ending_after(LENGTH, header, attributes), attributes)
}

/// The header of a message that ends with an attribute of `length` bytes after `attributes`.
#[inline]
pub(crate) fn ending_after(
    length: usize,
    header: &[u8; HEADER],
    attributes: &[u8],
) -> [u8; HEADER] {
    let length = attributes.len().saturating_add(4).saturating_add(length);
    let mut header = *header;
    let [_, _, high, low, ..] = &mut header;
    [*high, *low] = narrow(length).to_be_bytes();
    header
}
