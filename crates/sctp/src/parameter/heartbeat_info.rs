//! Heartbeat Info: what HEARTBEAT carries there and back, RFC 9260 §3.3.5.1.

use crate::wire::{ParseError, Tlvs, write_tlv};

/// Heartbeat Info.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeartbeatInfo<'a> {
    /// Opaque to all but who made it.
    pub info: &'a [u8],
}

impl<'a> HeartbeatInfo<'a> {
    /// Parameter type.
    pub const TYPE: u16 = 1;

    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self { info: value })
    }

    /// The one parameter of HEARTBEAT and HEARTBEAT ACK.
    pub(crate) fn parse_only(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let had = bytes.len();
        let tlv = Tlvs::new(bytes).next().ok_or(ParseError::Truncated { needed: 4, had })??;
        match u16::from_be_bytes(tlv.head) {
            Self::TYPE => Self::parse(tlv.value),
            kind => Err(ParseError::Forbidden { kind, value: u32::from(kind) }),
        }
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| out.extend_from_slice(self.info));
    }
}
