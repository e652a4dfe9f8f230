//! CHANNEL-NUMBER, RFC 8656 §18.1.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// The number of a channel. A client chooses from 0x4000 to 0x4fff (RFC 8656 §12), as ours does;
/// RFC 5766 let it go up to 0x7fff, and a server still hears from those who do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelNumber(u16);

impl ChannelNumber {
    /// The first one.
    pub const MIN: Self = Self(0x4000);
    /// The last one that RFC 8656 allows.
    pub const MAX: Self = Self(0x4fff);
    /// The last one that RFC 5766 allowed.
    pub const MAX_5766: Self = Self(0x7fff);

    /// The channel with this number, if it is one.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= Self::MIN.0 && number <= Self::MAX_5766.0 { Some(Self(number)) } else { None }
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl Attribute<'_> for ChannelNumber {
    const TYPE: AttributeType = AttributeType::CHANNEL_NUMBER;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let &[n0, n1, ..] = fixed::parse::<4>(Self::TYPE, value)?;
        let number = u16::from_be_bytes([n0, n1]);
        let outside = AttributeError::Value { kind: Self::TYPE, value: number.into() };
        Self::new(number).ok_or(outside)
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        let [n0, n1] = self.0.to_be_bytes();
        out.extend_from_slice(&[n0, n1, 0, 0]);
    }
}

impl fmt::Debug for ChannelNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "channel {:#06x}", self.0)
    }
}
