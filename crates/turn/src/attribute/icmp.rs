//! ICMP, RFC 8656 §18.13.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::attribute::fixed;
use stun::{Attribute, AttributeError, AttributeType, TransactionId};

/// An ICMP error that came back for a datagram to the peer.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |           Reserved            |    Type     |      Code       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          MTU, where the error is that one is exceeded         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// The type, 0 to 127; its meaning depends on the family of the peer's address.
    pub kind: u8,
    /// The code, 0 to 511.
    pub code: u16,
    /// The MTU of the next hop, for "packet too big" and "fragmentation needed".
    pub data: u32,
}

impl Attribute<'_> for Icmp {
    const TYPE: AttributeType = AttributeType::ICMP;

    fn parse(value: &[u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let &[_, _, high, low, d0, d1, d2, d3] = fixed::parse(Self::TYPE, value)?;
        let code = u16::from_be_bytes([high & 1, low]);
        Ok(Self { kind: high >> 1, code, data: u32::from_be_bytes([d0, d1, d2, d3]) })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        let [high, low] = self.code.to_be_bytes();
        out.extend_from_slice(&[0, 0, self.kind << 1 | high & 1, low]);
        out.extend_from_slice(&self.data.to_be_bytes());
    }
}
