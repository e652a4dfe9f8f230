//! CHANGE-REQUEST, RFC 5780 §7.2.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, fixed};
use crate::TransactionId;

const CHANGE_IP: u32 = 4;
const CHANGE_PORT: u32 = 2;

/// From where the server shall answer instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeRequest {
    /// From its other address.
    pub ip: bool,
    /// From its other port.
    pub port: bool,
}

impl Attribute<'_> for ChangeRequest {
    const TYPE: AttributeType = AttributeType::CHANGE_REQUEST;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let flags = u32::from_be_bytes(*fixed::parse(Self::TYPE, value)?);
        Ok(Self { ip: flags & CHANGE_IP != 0, port: flags & CHANGE_PORT != 0 })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = flag(self.ip, CHANGE_IP) | flag(self.port, CHANGE_PORT);
        out.extend_from_slice(&flags.to_be_bytes());
    }
}
