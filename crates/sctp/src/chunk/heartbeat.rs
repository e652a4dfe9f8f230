//! HEARTBEAT: is the path alive?, RFC 9260 §3.3.5.

use crate::parameter::HeartbeatInfo;
use crate::wire::{ParseError, write_tlv};

/// HEARTBEAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat<'a> {
    /// What only the sender of HEARTBEAT understands.
    pub info: HeartbeatInfo<'a>,
}

impl<'a> Heartbeat<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 4;

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        HeartbeatInfo::parse_only(value).map(|info| Self { info })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| self.info.write(out));
    }
}
