//! MOBILITY-TICKET, RFC 8016 §4.1.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// What proves, after a change of address, whose allocation it is. Empty in an Allocate request: please.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobilityTicket<'a>(pub &'a [u8]);

impl<'a> Attribute<'a> for MobilityTicket<'a> {
    const TYPE: AttributeType = AttributeType::MOBILITY_TICKET;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        Ok(Self(value))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
