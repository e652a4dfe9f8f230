//! XOR-RELAYED-ADDRESS, RFC 8656 §18.5.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use stun::attribute::address;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// The address that the server opened for the client, masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XorRelayedAddress(pub SocketAddr);

impl Attribute<'_> for XorRelayedAddress {
    const TYPE: AttributeType = AttributeType::XOR_RELAYED_ADDRESS;

    fn parse(value: &[u8], id: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(|masked| Self(address::mask(masked, id)))
    }

    fn write(&self, id: &TransactionId, out: &mut Vec<u8>) {
        address::write(address::mask(self.0, id), out);
    }
}
