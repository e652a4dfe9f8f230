//! ALTERNATE-SERVER, RFC 8489 §14.15.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::SocketAddr;

use super::{Attribute, AttributeError, AttributeType, address};
use crate::TransactionId;

/// The server to try instead, in an error response with code 300.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlternateServer(pub SocketAddr);

impl Attribute<'_> for AlternateServer {
    const TYPE: AttributeType = AttributeType::ALTERNATE_SERVER;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        address::parse(Self::TYPE, value).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        address::write(self.0, out);
    }
}
