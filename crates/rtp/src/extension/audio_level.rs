//! How loud a packet is, RFC 6464.

use crate::ParseError;
use crate::wire::exactly;

/// The level of the audio in a packet.
///
/// ```text
/// +-+-------------+
/// |V|    level    |
/// +-+-------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel {
    /// Somebody speaks, the encoder thinks.
    pub voice: bool,
    /// Below the loudest that there is, in decibels: 0 is loudest, 127 silent. What is above 127 is
    /// written as 127.
    pub level: u8,
}

impl AudioLevel {
    /// Bytes on the wire.
    pub const LEN: usize = 1;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not one byte.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [byte] = exactly(bytes)?;
        Ok(Self { voice: byte & 0x80 != 0, level: byte & 0x7f })
    }

    /// As on the wire.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        [if self.voice { 0x80 } else { 0 } | self.level.min(127)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voice_is_the_highest_bit() {
        for (byte, voice, level) in [(0x85, true, 5), (0x7f, false, 127), (0, false, 0)] {
            assert_eq!(AudioLevel::parse(&[byte]), Ok(AudioLevel { voice, level }));
            assert_eq!(AudioLevel { voice, level }.to_bytes(), [byte]);
        }
        assert_eq!(AudioLevel { voice: false, level: 200 }.to_bytes(), [0x7f]);
        assert_eq!(AudioLevel::parse(&[]), Err(ParseError::Length { length: 0, expected: 1 }));
    }
}
