//! The rule shared by attributes of a fixed length.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{AttributeError, AttributeType};

/// Reads a value of exactly `N` bytes.
///
/// # Errors
///
/// It has another length.
pub fn parse<const N: usize>(
    kind: AttributeType,
    value: &[u8],
) -> Result<&[u8; N], AttributeError> {
    value.try_into().map_err(|_| AttributeError::Length { kind, needed: N, had: value.len() })
}
