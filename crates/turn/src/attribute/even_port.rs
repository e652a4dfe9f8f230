//! EVEN-PORT, RFC 8656 §18.7.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// The port of the relayed address shall be even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvenPort {
    /// The next higher port shall be kept for a second allocation.
    pub reserve_next: bool,
}

impl Attribute<'_> for EvenPort {
    const TYPE: AttributeType = AttributeType::EVEN_PORT;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let &[flags] = fixed::parse::<1>(Self::TYPE, value)?;
        Ok(Self { reserve_next: flags & 0x80 != 0 })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.push(if self.reserve_next { 0x80 } else { 0 });
    }
}
