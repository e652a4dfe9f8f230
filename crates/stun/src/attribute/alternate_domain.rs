//! ALTERNATE-DOMAIN, RFC 8489 §14.16.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, text};
use crate::TransactionId;

/// The most bytes of a domain name.
const LIMIT: usize = 255;

/// The name to look for in the certificate of the server that ALTERNATE-SERVER names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlternateDomain<'a>(&'a str);

impl<'a> AlternateDomain<'a> {
    /// An attribute with this text.
    ///
    /// # Errors
    ///
    /// [`AttributeError::TooLong`]: more than 255 bytes.
    pub fn new(text: &'a str) -> Result<Self, AttributeError> {
        text::bounded(Self::TYPE, text.len(), LIMIT).map(|()| Self(text))
    }

    /// Its text.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> Attribute<'a> for AlternateDomain<'a> {
    const TYPE: AttributeType = AttributeType::ALTERNATE_DOMAIN;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        text::parse(Self::TYPE, value, LIMIT).map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }
}
