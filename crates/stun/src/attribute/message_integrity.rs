//! MESSAGE-INTEGRITY, RFC 8489 §14.5: HMAC-SHA1 over all that precedes it.
//!
//! The text begins with the header, whose length field is set as if the message ended with this
//! attribute: a receiver that sees more behind it patches those two bytes on the way into the hash.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::{IntegrityKey, builder::narrow, message::HEADER};

/// Bytes of the value.
pub(crate) const LENGTH: usize = 20;

/// The state after `attributes`, which lie between the header and this attribute.
#[inline]
pub(crate) fn hash(key: &IntegrityKey, header: &[u8; HEADER], attributes: &[u8]) -> Hmac<Sha1> {
    let mut header = *header;
    let length = attributes.len().saturating_add(4).saturating_add(LENGTH);
    let [_, _, l0, l1, ..] = &mut header;
    [*l0, *l1] = narrow(length).to_be_bytes();
    let mut hmac = key.sha1();
    hmac.update(&header);
    hmac.update(attributes);
    hmac
}
