//! NOMINATION, draft-thatcher-ice-renomination-01 §4, with the number that libwebrtc gave it.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |            0xc001             |               4               |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                            number                             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType, fixed};
use crate::TransactionId;

/// Nominates a pair; of all nominations the one with the highest number holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nomination(pub u32);

impl Attribute<'_> for Nomination {
    const TYPE: AttributeType = AttributeType::NOMINATION;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse(Self::TYPE, value).map(|bytes| Self(u32::from_be_bytes(*bytes)))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }
}
