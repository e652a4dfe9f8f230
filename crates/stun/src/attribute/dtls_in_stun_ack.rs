//! DTLS-IN-STUN-ACK, draft-hancke-webrtc-sped-00.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |            0xc071             |     Length, 4 × checksums     |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 CRC-32 of a datagram that came               ...
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType};
use crate::TransactionId;

/// Which datagrams have come, inside of messages or beside them, in the order in which they came.
/// It can be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtlsInStunAck<'a>(&'a [u8]);

impl<'a> DtlsInStunAck<'a> {
    /// How many an acknowledgement should have at most.
    pub const MAX: usize = 4;

    /// Acknowledges the datagrams with these checksums, each as it lies on the wire.
    pub const fn new(checksums: &'a [[u8; 4]]) -> Self {
        Self(checksums.as_flattened())
    }

    /// The checksums.
    pub fn checksums(&self) -> impl Iterator<Item = u32> + use<'a> {
        let (words, _) = self.0.as_chunks::<4>();
        words.iter().map(|word| u32::from_be_bytes(*word))
    }
}

impl<'a> Attribute<'a> for DtlsInStunAck<'a> {
    const TYPE: AttributeType = AttributeType::DTLS_IN_STUN_ACK;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        if !value.len().is_multiple_of(4) {
            let (kind, had) = (Self::TYPE, value.len());
            let needed = had.next_multiple_of(4);
            return Err(AttributeError::Length { kind, needed, had });
        }
        Ok(Self(value))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
