//! The rules shared by attributes that hold text.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{AttributeError, AttributeType};

/// Fewer than 128 characters, in bytes: the bound that RFC 8489 gives for REALM, NONCE, SOFTWARE
/// and reason phrases.
pub(super) const LIMIT: usize = 763;

/// Checks the length of a value in bytes.
pub(super) fn bounded(kind: AttributeType, had: usize, limit: usize) -> Result<(), AttributeError> {
    if had > limit { Err(AttributeError::TooLong { kind, limit, had }) } else { Ok(()) }
}

/// Reads a value of at most `limit` bytes as UTF-8.
pub(super) fn parse(
    kind: AttributeType,
    value: &[u8],
    limit: usize,
) -> Result<&str, AttributeError> {
    bounded(kind, value.len(), limit)?;
    core::str::from_utf8(value).map_err(|e| AttributeError::Text { kind, valid: e.valid_up_to() })
}
