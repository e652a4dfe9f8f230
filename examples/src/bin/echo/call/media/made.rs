//! Packets that look like Opus and VP8: well-formed as far as anybody on the way looks, and noise
//! behind that. Each ends with its number, by which it is known when it returns.

use std::time::Duration;

use patchcord::{Bytes, MediaKind};

use crate::call::plan::Random;

/// Bytes at the end of a packet that are its number.
const NUMBER: usize = 8;

/// What is made, frame by frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 7587: a frame of 20 ms a packet, as small as those of silence.
    Opus,
    /// RFC 7741: 30 frames a second of about 0.5 Mbit/s, the first a whole picture.
    Vp8,
}

/// The frame that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    /// A whole picture.
    Whole,
    /// What has changed since the frame before.
    Change,
}

impl Format {
    /// As in `a=rtpmap`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "VP8",
        }
    }

    pub(super) const fn kind(self) -> MediaKind {
        match self {
            Self::Opus => MediaKind::Audio,
            Self::Vp8 => MediaKind::Video,
        }
    }

    /// From one frame to the next.
    pub(super) const fn interval(self) -> Duration {
        match self {
            Self::Opus => Duration::from_millis(20),
            Self::Vp8 => Duration::from_micros(33_333),
        }
    }

    /// The same on the clock of its timestamps, 48 and 90 kHz.
    pub(super) const fn ticks(self) -> u32 {
        match self {
            Self::Opus => 960,
            Self::Vp8 => 3000,
        }
    }

    /// The payloads of frame `n`; the first has the number `first`.
    pub(super) fn frame(self, n: u64, picture: Picture, first: u64) -> Vec<Bytes> {
        let heads = match self {
            Self::Opus => vec![opus_head()],
            Self::Vp8 => vp8_heads(n, picture),
        };
        let size = match self {
            Self::Opus => 12,
            Self::Vp8 => 1000,
        };
        heads.into_iter().zip(first..).map(|(head, number)| fill(head, size, number)).collect()
    }
}

/// The number at the end of a payload.
pub(super) fn number(payload: &[u8]) -> Option<u64> {
    payload.last_chunk().map(|bytes: &[u8; NUMBER]| u64::from_be_bytes(*bytes))
}

/// Noise and the number behind a head, `size` bytes in all.
fn fill(mut payload: Vec<u8>, size: usize, number: u64) -> Bytes {
    let noise = size.saturating_sub(payload.len() + NUMBER);
    payload.extend(Random(number).bytes(noise));
    payload.extend(number.to_be_bytes());
    payload.into()
}

/// RFC 6716 §3.1: SILK, narrow band, 20 ms, mono, one frame.
fn opus_head() -> Vec<u8> {
    vec![1 << 3]
}

/// RFC 7741 §4.2, a packet: `X` and, in the first one, `S`; then `I`, and a picture id of 15 bits.
fn vp8_heads(n: u64, picture: Picture) -> Vec<Vec<u8>> {
    let packets = match picture {
        Picture::Whole => 8,
        Picture::Change => 2,
    };
    let [.., high, low] = n.to_be_bytes();
    let head = |packet: u8| {
        let start = if packet == 0 { 0x10 } else { 0 };
        let mut head = vec![0x80 | start, 0x80, 0x80 | high, low];
        if packet == 0 {
            head.extend(vp8_frame_head(picture));
        }
        head
    };
    (0..packets).map(head).collect()
}

/// RFC 6386 §9.1: shown, version 0, a first partition of 200 bytes; a whole picture is 640 by 360.
fn vp8_frame_head(picture: Picture) -> Vec<u8> {
    let tag = (200_u32 << 5) | (1 << 4) | u32::from(picture == Picture::Change);
    let mut head = tag.to_le_bytes()[..3].to_vec();
    if picture == Picture::Whole {
        head.extend([0x9d, 0x01, 0x2a]);
        head.extend(640_u16.to_le_bytes());
        head.extend(360_u16.to_le_bytes());
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_end_with_their_numbers_and_differ() {
        for format in [Format::Opus, Format::Vp8] {
            let packets = format.frame(7, Picture::Whole, 100);
            for (packet, expected) in packets.iter().zip(100..) {
                assert_eq!(number(packet), Some(expected));
            }
            assert_ne!(packets, format.frame(8, Picture::Whole, 100 + packets.len() as u64));
        }
        assert_eq!(number(&[1, 2, 3]), None);
    }

    #[test]
    fn a_whole_picture_begins_as_rfc_7741_says() {
        let packets = Format::Vp8.frame(300, Picture::Whole, 0);
        assert_eq!(packets.len(), 8);
        // X S, I, picture id 300; then shown key frame, start code, size.
        let head = [0x90, 0x80, 0x81, 0x2c, 0x10, 0x19, 0x00, 0x9d, 0x01, 0x2a, 128, 2, 104, 1];
        assert_eq!(packets[0][..14], head);
        assert_eq!(packets[1][..4], [0x80, 0x80, 0x81, 0x2c]);
        assert!(packets.iter().all(|packet| packet.len() == 1000));
        let change = Format::Vp8.frame(301, Picture::Change, 8);
        assert_eq!((change.len(), change[0][4] & 1), (2, 1));
    }

    #[test]
    fn sound_is_small() {
        let packets = Format::Opus.frame(0, Picture::Change, 5);
        assert_eq!((packets.len(), packets[0].len(), packets[0][0]), (1, 12, 0x08));
    }
}
