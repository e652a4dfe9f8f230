//! DTLS-IN-STUN-DATA, draft-hancke-webrtc-sped-00.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |            0xc070             |      Length of datagram       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                 Datagram of the handshake                    ...
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::{Attribute, AttributeError, AttributeType};
use crate::TransactionId;

/// A datagram that rides in a check or its response. libwebrtc also sends an empty one, which says
/// only that it takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtlsInStunData<'a>(pub &'a [u8]);

impl<'a> Attribute<'a> for DtlsInStunData<'a> {
    const TYPE: AttributeType = AttributeType::DTLS_IN_STUN_DATA;

    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        Ok(Self(value))
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}
