//! UNKNOWN-ATTRIBUTES, RFC 8489 §14.13.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType};
use crate::TransactionId;

/// The attributes that made a server answer 420, as they lie in its response.
/// [`MessageBuilder::unknown_attributes`](crate::MessageBuilder::unknown_attributes) writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAttributes<'a>(&'a [u8]);

impl<'a> UnknownAttributes<'a> {
    /// Their types.
    pub fn types(&self) -> impl Iterator<Item = AttributeType> + use<'a> {
        let (pairs, _) = self.0.as_chunks::<2>();
        pairs.iter().map(|pair| AttributeType(u16::from_be_bytes(*pair)))
    }
}

impl<'a> Attribute<'a> for UnknownAttributes<'a> {
    const TYPE: AttributeType = AttributeType::UNKNOWN_ATTRIBUTES;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        if !value.len().is_multiple_of(2) {
            let (kind, had) = (Self::TYPE, value.len());
            return Err(AttributeError::Length { kind, needed: had.saturating_add(1), had });
        }
        Ok(Self(value))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
