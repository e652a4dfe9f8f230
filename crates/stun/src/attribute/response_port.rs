//! RESPONSE-PORT, RFC 5780 §7.5.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType};
use crate::TransactionId;

/// The port of the requester to answer to, instead of the one that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponsePort(pub u16);

impl Attribute<'_> for ResponsePort {
    const TYPE: AttributeType = AttributeType::RESPONSE_PORT;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        match value {
            // RFC 5780 §7.5: the length is 2, padded to 4; some count the padding.
            [high, low] | [high, low, _, _] => Ok(Self(u16::from_be_bytes([*high, *low]))),
            _ => Err(AttributeError::Length { kind: Self::TYPE, needed: 2, had: value.len() }),
        }
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }
}
