//! REQUESTED-ADDRESS-FAMILY, RFC 8656 §18.6.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

use crate::AddressFamily;

/// The family of the relayed address that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedAddressFamily(pub AddressFamily);

impl Attribute<'_> for RequestedAddressFamily {
    const TYPE: AttributeType = AttributeType::REQUESTED_ADDRESS_FAMILY;

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
