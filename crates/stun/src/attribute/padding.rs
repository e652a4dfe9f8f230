//! PADDING, RFC 5780 §7.6.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType};
use crate::TransactionId;

/// Makes a message so long that it travels in fragments: this many bytes that mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding(pub u16);

impl Attribute<'_> for Padding {
    const TYPE: AttributeType = AttributeType::PADDING;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let (kind, had) = (Self::TYPE, value.len());
        let too_long = AttributeError::TooLong { kind, limit: usize::from(u16::MAX), had };
        u16::try_from(had).map(Self).map_err(|_| too_long)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.resize(out.len().saturating_add(self.0.into()), 0);
    }
}
