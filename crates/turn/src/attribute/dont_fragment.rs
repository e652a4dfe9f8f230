//! DONT-FRAGMENT, RFC 8656 §18.9.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// The server shall set the DF bit on what it sends to the peer. It has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DontFragment;

impl Attribute<'_> for DontFragment {
    const TYPE: AttributeType = AttributeType::DONT_FRAGMENT;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse::<0>(Self::TYPE, value).map(|[]| Self)
    }

    fn write(&self, _: &TransactionId, _: &mut Vec<u8>) {}
}
