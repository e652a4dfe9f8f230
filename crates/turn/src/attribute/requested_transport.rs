//! REQUESTED-TRANSPORT, RFC 8656 §18.8.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// The protocol between server and peers, by its number in the IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedTransport(pub u8);

impl RequestedTransport {
    /// UDP.
    pub const UDP: Self = Self(17);
    /// TCP, RFC 6062.
    pub const TCP: Self = Self(6);
}

impl Attribute<'_> for RequestedTransport {
    const TYPE: AttributeType = AttributeType::REQUESTED_TRANSPORT;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse::<4>(Self::TYPE, value).map(|&[protocol, ..]| Self(protocol))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.0, 0, 0, 0]);
    }
}
