//! MAPPED-ADDRESS, RFC 8489 §14.1.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use super::{Attribute, AttributeError, AttributeType, address};
use crate::TransactionId;

/// The address that a request came from, in clear: for clients of RFC 3489, and for NATs to spoil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappedAddress(pub SocketAddr);

impl Attribute<'_> for MappedAddress {
    const TYPE: AttributeType = AttributeType::MAPPED_ADDRESS;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        address::write(self.0, out);
    }
}
