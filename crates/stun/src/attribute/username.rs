//! USERNAME, RFC 8489 §14.3.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, text};
use crate::TransactionId;

/// Fewer than 509 bytes.
const LIMIT: usize = 508;

/// The name that says which password protects the message. ICE joins two fragments, `remote:local`
/// as the receiver sees it reversed (RFC 8445 §7.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Username<'a>(&'a str);

impl<'a> Username<'a> {
    /// An attribute with this text.
    ///
    /// # Errors
    ///
    /// [`AttributeError::TooLong`]: more than 508 bytes.
    pub fn new(text: &'a str) -> Result<Self, AttributeError> {
        text::bounded(Self::TYPE, text.len(), LIMIT).map(|()| Self(text))
    }

    /// Its text.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> Attribute<'a> for Username<'a> {
    const TYPE: AttributeType = AttributeType::USERNAME;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        text::parse(Self::TYPE, value, LIMIT).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}
