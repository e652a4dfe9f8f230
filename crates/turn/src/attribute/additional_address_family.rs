//! ADDITIONAL-ADDRESS-FAMILY, RFC 8656 §18.11.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

use crate::AddressFamily;

/// A second relayed address is asked for, of this family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdditionalAddressFamily(pub AddressFamily);

impl Attribute<'_> for AdditionalAddressFamily {
    const TYPE: AttributeType = AttributeType::ADDITIONAL_ADDRESS_FAMILY;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let &[family, ..] = fixed::parse::<4>(Self::TYPE, value)?;
        AddressFamily::from_number(family)
            .map(Self)
            .ok_or(AttributeError::Family { kind: Self::TYPE, family })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.0.number(), 0, 0, 0]);
    }
}
