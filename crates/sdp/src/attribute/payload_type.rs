//! An RTP payload type, RFC 3550 §5.1.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::owned;

/// Seven bits that name a payload format in each RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadType(u8);

owned!(PayloadType);

impl PayloadType {
    /// The payload type, unless it needs more than seven bits.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 0x80 { Some(Self(number)) } else { None }
    }

    /// Its number, 0 to 127.
    pub const fn number(self) -> u8 {
        self.0
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        crate::fields::number(text, "payload type", 0..=127).map(Self)
    }

    pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Self, Reason> {
        Self::parse(fields.word("payload type")?)
    }
}

impl fmt::Display for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
