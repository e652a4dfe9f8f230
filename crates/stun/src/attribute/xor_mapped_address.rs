//! XOR-MAPPED-ADDRESS, RFC 8489 §14.2.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use super::{Attribute, AttributeError, AttributeType, address};
use crate::TransactionId;

/// The address that a request came from, masked so that no NAT on the way rewrites it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XorMappedAddress(pub SocketAddr);

impl Attribute<'_> for XorMappedAddress {
    const TYPE: AttributeType = AttributeType::XOR_MAPPED_ADDRESS;

    fn parse(value: &[u8], id: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(|masked| Self(address::mask(masked, id)))
    }

    fn write(&self, id: &TransactionId, out: &mut Vec<u8>) {
        address::write(address::mask(self.0, id), out);
    }
}
