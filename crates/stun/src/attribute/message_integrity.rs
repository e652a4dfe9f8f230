//! MESSAGE-INTEGRITY, RFC 8489 §14.5: HMAC-SHA1 over all that precedes it.
//!
//! The text begins with the header, whose length field says that the message ends with this
//! attribute. Where it says something else, two other bytes go into the hash, and nothing is copied.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::{IntegrityKey, builder::narrow, message::HEADER};

/// Bytes of the value.
pub(crate) const LENGTH: usize = 20;

/// The state after `attributes`, which lie between the header and this attribute.
#[inline]
pub(crate) fn hash(key: &IntegrityKey, header: &[u8; HEADER], attributes: &[u8]) -> Hmac<Sha1> {
    let length = attributes.len().saturating_add(4).saturating_add(LENGTH);
    let [t0, t1, _, _, rest @ ..] = header;
    let [l0, l1] = narrow(length).to_be_bytes();
    let mut hmac = key.sha1();
    hmac.update(&[*t0, *t1, l0, l1]);
    hmac.update(rest);
    hmac.update(attributes);
    hmac
}
