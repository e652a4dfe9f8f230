//! RESERVATION-TOKEN, RFC 8656 §18.10.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// Names a port that an EVEN-PORT has reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReservationToken(pub [u8; 8]);

impl Attribute<'_> for ReservationToken {
    const TYPE: AttributeType = AttributeType::RESERVATION_TOKEN;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse(Self::TYPE, value).copied().map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}
