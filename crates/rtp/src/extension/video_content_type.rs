//! Camera or screen: libwebrtc's video-content-type.

use crate::ParseError;
use crate::wire::exactly;

/// What a video shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VideoContentType {
    /// What a camera sees, or not known.
    #[default]
    Unspecified,
    /// A screen.
    Screenshare,
}

impl VideoContentType {
    /// Bytes on the wire.
    pub const LEN: usize = 1;

    /// Reads a value. Five of its bits meant something once and are passed over.
    ///
    /// # Errors
    ///
    /// Not one byte, or with one of the two bits that never meant something.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [byte] = exactly(bytes)?;
        match byte {
            0x40.. => Err(ParseError::Forbidden(u32::from(byte))),
            _ if byte & 1 == 1 => Ok(Self::Screenshare),
            _ => Ok(Self::Unspecified),
        }
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        match self {
            Self::Unspecified => [0],
            Self::Screenshare => [1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bit_decides() {
        for byte in 0..64 {
            let expected = [VideoContentType::Unspecified, VideoContentType::Screenshare];
            let found = VideoContentType::parse(&[byte]).unwrap();
            assert_eq!(found, expected[usize::from(byte & 1)]);
            assert_eq!(found.to_bytes(), [byte & 1]);
        }
        assert_eq!(VideoContentType::parse(&[64]), Err(ParseError::Forbidden(64)));
        assert!(VideoContentType::parse(&[]).is_err());
    }
}
