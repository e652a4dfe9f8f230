//! PASSWORD-ALGORITHMS, RFC 8489 §14.11.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, PasswordAlgorithm};
use crate::TransactionId;

/// The algorithms that a server offers, best first, as they lie in its response: a client sends
/// them back unchanged, and so notices who took the best away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordAlgorithms<'a>(&'a [u8]);

impl<'a> PasswordAlgorithms<'a> {
    /// SHA-256, then MD5: what this crate knows.
    pub const ALL: PasswordAlgorithms<'static> = PasswordAlgorithms(&[0, 2, 0, 0, 0, 1, 0, 0]);

    /// The algorithms in the order of the server.
    pub fn iter(&self) -> impl Iterator<Item = PasswordAlgorithm<'a>> + use<'a> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (algorithm, next) = PasswordAlgorithm::split_first(rest).ok()?;
            rest = next;
            Some(algorithm)
        })
    }

    /// Its bytes, to be sent back.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Attribute<'a> for PasswordAlgorithms<'a> {
    const TYPE: AttributeType = AttributeType::PASSWORD_ALGORITHMS;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let mut rest = value;
        while !rest.is_empty() {
            (_, rest) = PasswordAlgorithm::split_first(rest)?;
        }
        Ok(Self(value))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
