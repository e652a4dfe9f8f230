//! NONCE, RFC 8489 §14.10.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, text};
use crate::TransactionId;

/// What a server wants to see again in the next request. The RFC makes it text; a client hands it
/// back as it came, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce<'a>(&'a [u8]);

impl<'a> Nonce<'a> {
    /// A nonce of these bytes.
    ///
    /// # Errors
    ///
    /// [`AttributeError::TooLong`]: more than 763 bytes.
    pub fn new(bytes: &'a [u8]) -> Result<Self, AttributeError> {
        text::bounded(Self::TYPE, bytes.len(), text::LIMIT).map(|()| Self(bytes))
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Attribute<'a> for Nonce<'a> {
    const TYPE: AttributeType = AttributeType::NONCE;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        Self::new(value)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
