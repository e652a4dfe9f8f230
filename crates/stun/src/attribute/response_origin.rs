//! RESPONSE-ORIGIN, RFC 5780 §7.3.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use super::{Attribute, AttributeError, AttributeType, address};
use crate::TransactionId;

/// The address that the response was sent from, as the server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseOrigin(pub SocketAddr);

impl Attribute<'_> for ResponseOrigin {
    const TYPE: AttributeType = AttributeType::RESPONSE_ORIGIN;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        address::write(self.0, out);
    }
}
