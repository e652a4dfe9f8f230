//! A number for a frame, for tests: libwebrtc's video-frame-tracking-id.

use crate::ParseError;
use crate::wire::exactly;

/// By what a test knows the frame again; in its first packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoFrameTrackingId(pub u16);

impl VideoFrameTrackingId {
    /// Bytes on the wire.
    pub const LEN: usize = 2;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        exactly(bytes).map(|bytes| Self(u16::from_be_bytes(bytes)))
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        self.0.to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_in_two_bytes() {
        assert_eq!(VideoFrameTrackingId(0x1234).to_bytes(), [0x12, 0x34]);
        assert_eq!(VideoFrameTrackingId::parse(&[0x12, 0x34]), Ok(VideoFrameTrackingId(0x1234)));
        assert!(VideoFrameTrackingId::parse(&[0; 3]).is_err());
    }
}
