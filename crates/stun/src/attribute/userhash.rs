//! USERHASH, RFC 8489 §14.4.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use sha2::{Digest, Sha256};

use super::{Attribute, AttributeError, AttributeType, fixed};
use crate::TransactionId;

/// Stands for USERNAME, so that whoever listens does not learn the name: SHA-256 over
/// `username:realm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Userhash(pub [u8; 32]);

impl Userhash {
    /// The hash of this name in this realm.
    pub fn new(username: &str, realm: &str) -> Self {
        let parts = [username, ":", realm];
        Self(parts.iter().fold(Sha256::new(), Digest::chain_update).finalize().into())
    }
}

impl Attribute<'_> for Userhash {
    const TYPE: AttributeType = AttributeType::USERHASH;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse(Self::TYPE, value).copied().map(Self)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}
