//! LIFETIME, RFC 8656 §18.2.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::time::Duration;

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// How long the server keeps an allocation without a refresh, in seconds; 0 gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime(pub u32);

impl Lifetime {
    /// Gives the allocation back.
    pub const ZERO: Self = Self(0);

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0))
    }
}

impl From<Duration> for Lifetime {
    fn from(duration: Duration) -> Self {
        Self(u32::try_from(duration.as_secs()).unwrap_or(u32::MAX))
    }
}

impl Attribute<'_> for Lifetime {
    const TYPE: AttributeType = AttributeType::LIFETIME;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        fixed::parse(Self::TYPE, value).map(|bytes| Self(u32::from_be_bytes(*bytes)))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }
}
