//! OTHER-ADDRESS, RFC 5780 §7.4.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use super::{Attribute, AttributeError, AttributeType, address};
use crate::TransactionId;

/// The address that the server would answer from if asked to change address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherAddress(pub SocketAddr);

impl Attribute<'_> for OtherAddress {
    const TYPE: AttributeType = AttributeType::OTHER_ADDRESS;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        address::write(self.0, out);
    }
}
