//! ADDRESS-ERROR-CODE, RFC 8656 §18.12.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::{Attribute, AttributeError, AttributeType, ErrorCode, TransactionId};

use crate::AddressFamily;

/// Of two relayed addresses that were asked for, why there is none of this family: an ERROR-CODE
/// whose first byte names the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressErrorCode<'a> {
    /// The family.
    pub family: AddressFamily,
    /// The reason.
    pub error: ErrorCode<'a>,
}

impl<'a> Attribute<'a> for AddressErrorCode<'a> {
    const TYPE: AttributeType = AttributeType::ADDRESS_ERROR_CODE;

    fn parse(value: &'a [u8], id: &TransactionId) -> Result<Self, AttributeError> {
        let family = value.first().copied().unwrap_or_default();
        let error = ErrorCode::parse(value, id)?;
        let unknown = AttributeError::Family { kind: Self::TYPE, family };
        AddressFamily::from_number(family).map(|family| Self { family, error }).ok_or(unknown)
    }

    fn write(&self, id: &TransactionId, out: &mut Vec<u8>) {
        let start = out.len();
        self.error.write(id, out);
        if let Some(first) = out.get_mut(start) {
            *first = self.family.number();
        }
    }
}
