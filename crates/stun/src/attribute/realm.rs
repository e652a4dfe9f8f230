//! REALM, RFC 8489 §14.9.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, text};
use crate::TransactionId;

/// The domain of long-term credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realm<'a>(&'a str);

impl<'a> Realm<'a> {
    /// An attribute with this text.
    ///
    /// # Errors
    ///
    /// [`AttributeError::TooLong`]: more than 763 bytes.
    pub fn new(text: &'a str) -> Result<Self, AttributeError> {
        text::bounded(Self::TYPE, text.len(), text::LIMIT).map(|()| Self(text))
    }

    /// Its text.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> Attribute<'a> for Realm<'a> {
    const TYPE: AttributeType = AttributeType::REALM;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        text::parse(Self::TYPE, value, text::LIMIT).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}
