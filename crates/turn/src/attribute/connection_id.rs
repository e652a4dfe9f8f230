//! CONNECTION-ID, RFC 6062 §6.2.1.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// Names a TCP connection between server and peer, until a connection of the client is bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub u32);

impl Attribute<'_> for ConnectionId {
    const TYPE: AttributeType = AttributeType::CONNECTION_ID;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse(Self::TYPE, value).map(|bytes| Self(u32::from_be_bytes(*bytes)))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }
}
