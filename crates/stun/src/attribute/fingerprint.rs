//! FINGERPRINT, RFC 8489 §14.7: a checksum over all that precedes it, the last attribute of all.
//!
//! It tells STUN from other protocols on the same port, and is no protection against anybody.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

/// Bytes of the value.
pub(crate) const LENGTH: usize = 4;

/// "STUN" in ASCII: keeps the value apart from the CRC-32 of a protocol that carries one itself.
const MASK: u32 = 0x5354_554e;

/// The value for the bytes before the attribute. The length in their header counts it already.
#[inline]
pub(crate) fn checksum(before: &[u8]) -> u32 {
    crc32fast::hash(before) ^ MASK
}
