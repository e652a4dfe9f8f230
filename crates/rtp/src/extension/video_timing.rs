//! Where a frame's time went: libwebrtc's video-timing.

use crate::ParseError;
use crate::wire::{exactly, take_u8};

/// What happened to a frame when, in its last packet. All times are ms since it was captured.
///
/// ```text
/// +-------+---------------+----------------+-----------------------+
/// | flags | encoder began | encoder ended  | packets were made     |
/// +-------+---------------+----------------+-----------------------+
///         | pacer let go  | network        | network, a second one |
///         +---------------+----------------+-----------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoTiming {
    /// Why the frame is timed: [`BY_TIMER`](Self::BY_TIMER), [`BY_SIZE`](Self::BY_SIZE).
    pub flags: u8,
    /// The encoder began.
    pub encode_start: u16,
    /// The encoder ended.
    pub encode_finish: u16,
    /// The packets were made.
    pub packetization_finish: u16,
    /// The last packet left the pacer.
    pub pacer_exit: u16,
    /// For whoever forwards the packet to fill in.
    pub network: u16,
    /// For whoever forwards it next.
    pub network2: u16,
}

impl VideoTiming {
    /// Bytes on the wire.
    pub const LEN: usize = 13;
    /// In the flags: it was this frame's turn.
    pub const BY_TIMER: u8 = 1;
    /// In the flags: the frame is unusually large.
    pub const BY_SIZE: u8 = 2;
    /// All flags: the value says nothing.
    pub const INVALID: u8 = 255;

    /// Reads a value. An older form has no flags.
    ///
    /// # Errors
    ///
    /// Neither thirteen nor twelve bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut rest = bytes;
        let flags = if bytes.len() == Self::LEN { take_u8(&mut rest)? } else { 0 };
        let bytes: [u8; 12] = exactly(rest)
            .map_err(|_| ParseError::Length { length: bytes.len(), expected: Self::LEN })?;
        let [a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1] = bytes;
        Ok(Self {
            flags,
            encode_start: u16::from_be_bytes([a0, a1]),
            encode_finish: u16::from_be_bytes([b0, b1]),
            packetization_finish: u16::from_be_bytes([c0, c1]),
            pacer_exit: u16::from_be_bytes([d0, d1]),
            network: u16::from_be_bytes([e0, e1]),
            network2: u16::from_be_bytes([f0, f1]),
        })
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [a0, a1] = self.encode_start.to_be_bytes();
        let [b0, b1] = self.encode_finish.to_be_bytes();
        let [c0, c1] = self.packetization_finish.to_be_bytes();
        let [d0, d1] = self.pacer_exit.to_be_bytes();
        let [e0, e1] = self.network.to_be_bytes();
        let [f0, f1] = self.network2.to_be_bytes();
        [self.flags, a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_form_lacks_the_flags() {
        let bytes = [2, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 1, 6];
        let timing = VideoTiming::parse(&bytes).unwrap();
        assert_eq!((timing.flags, timing.encode_start, timing.network2), (2, 1, 0x106));
        assert_eq!(timing.to_bytes(), bytes);
        let older = VideoTiming::parse(&bytes[1..]).unwrap();
        assert_eq!(older, VideoTiming { flags: 0, ..timing });
        for len in (0..12).chain(14..20) {
            let error = ParseError::Length { length: len, expected: 13 };
            assert_eq!(VideoTiming::parse(&[0; 20][..len]), Err(error));
        }
    }
}
