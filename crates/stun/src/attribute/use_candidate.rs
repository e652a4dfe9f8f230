//! USE-CANDIDATE, RFC 8445 §7.1.2 and §16.1.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, fixed};
use crate::TransactionId;

/// The controlling agent nominates the pair of this check. It has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseCandidate;

impl Attribute<'_> for UseCandidate {
    const TYPE: AttributeType = AttributeType::USE_CANDIDATE;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse::<0>(Self::TYPE, value).map(|[]| Self)
    }

    fn write(&self, _: &TransactionId, _: &mut Vec<u8>) {}
}
