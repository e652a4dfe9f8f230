//! How long after its timestamp a packet left, RFC 5450 §2.

use crate::ParseError;
use crate::wire::exactly;

/// What is added to the timestamp to get the time at which the packet left, in units of the
/// stream's clock. 24 bits with a sign: beyond them it is written as the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransmissionOffset(pub i32);

impl TransmissionOffset {
    /// Bytes on the wire.
    pub const LEN: usize = 3;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not three bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [a, b, c] = exactly(bytes)?;
        // The sign is in the highest of the 24 bits.
        Ok(Self(i32::from_be_bytes([a, b, c, 0]) >> 8))
    }

    /// As on the wire.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let [_, a, b, c] = self.0.clamp(-(1 << 23), (1 << 23) - 1).to_be_bytes();
        [a, b, c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_a_sign_and_limits() {
        let table = [(0, [0; 3]), (-1, [255; 3]), (0x12_3456, [0x12, 0x34, 0x56])];
        for (offset, bytes) in table {
            assert_eq!(TransmissionOffset(offset).to_bytes(), bytes);
            assert_eq!(TransmissionOffset::parse(&bytes), Ok(TransmissionOffset(offset)));
        }
        assert_eq!(TransmissionOffset(i32::MAX).to_bytes(), [0x7f, 0xff, 0xff]);
        assert_eq!(TransmissionOffset(i32::MIN).to_bytes(), [0x80, 0, 0]);
        assert!(TransmissionOffset::parse(&[0; 4]).is_err());
    }
}
