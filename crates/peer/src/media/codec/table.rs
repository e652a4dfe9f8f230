//! What is negotiated by default: the codecs that Chromium and Firefox have, in Chromium's order
//! and with its numbers, and the header extensions that Chromium offers.

use std::sync::Arc;

use rtp::PayloadType;
use rtp::extension::Kind;

use super::{Codec, Feedback};
use crate::media::kind::MediaKind;

/// What goes with a codec of sound.
const AUDIO: Feedback =
    Feedback { nack: false, pli: false, fir: false, remb: false, transport_cc: true };
/// Lost packets of Opus may be asked for again, too.
const OPUS: Feedback = Feedback { nack: true, ..AUDIO };
const NONE: Feedback = Feedback { transport_cc: false, ..AUDIO };
const VIDEO: Feedback =
    Feedback { nack: true, pli: true, fir: true, remb: true, transport_cc: true };

/// Payload type, name, clock rate, channels, parameters, feedback.
const SOUND: [(u8, &str, u32, u8, &str, Feedback); 8] = [
    (111, "opus", 48_000, 2, "minptime=10;useinbandfec=1", OPUS),
    (63, "red", 48_000, 2, "111/111", NONE),
    (9, "G722", 8_000, 1, "", AUDIO),
    (0, "PCMU", 8_000, 1, "", AUDIO),
    (8, "PCMA", 8_000, 1, "", AUDIO),
    (13, "CN", 8_000, 1, "", NONE),
    (110, "telephone-event", 48_000, 1, "", NONE),
    (126, "telephone-event", 8_000, 1, "", NONE),
];

/// Payload type, that of its retransmissions, name, parameters.
const PICTURES: [(u8, u8, &str, &str); 12] = [
    (96, 97, "VP8", ""),
    (102, 103, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    (104, 107, "H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f"),
    (108, 109, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    (114, 115, "H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
    (116, 117, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"),
    (39, 40, "H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f"),
    (112, 113, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640034"),
    (121, 122, "H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=640034"),
    (45, 46, "AV1", "level-idx=5;profile=0;tier=0"),
    (98, 99, "VP9", "profile-id=0"),
    (100, 101, "VP9", "profile-id=2"),
];

/// The payload types that mean something without `a=rtpmap` (RFC 3551 §6), as far as we have them.
const STATIC: [u8; 4] = [0, 8, 9, 13];

/// The codecs of `Config`.
pub(crate) fn default_codecs() -> Arc<[Codec]> {
    sound().chain(pictures()).collect()
}

/// The codec of a static payload type.
pub(crate) fn static_payload_type(number: PayloadType) -> Option<Codec> {
    sound().find(|codec| codec.payload_type == number && STATIC.contains(&number.get()))
}

fn sound() -> impl Iterator<Item = Codec> {
    SOUND.iter().map(|&(number, name, clock_rate, channels, parameters, feedback)| Codec {
        kind: MediaKind::Audio,
        payload_type: PayloadType::from_low_bits(number),
        name: name.into(),
        clock_rate,
        channels,
        parameters: parameters.into(),
        feedback,
        rtx: None,
    })
}

fn pictures() -> impl Iterator<Item = Codec> {
    PICTURES.iter().map(|&(number, rtx, name, parameters)| Codec {
        kind: MediaKind::Video,
        payload_type: PayloadType::from_low_bits(number),
        name: name.into(),
        clock_rate: 90_000,
        channels: 1,
        parameters: parameters.into(),
        feedback: VIDEO,
        rtx: Some(PayloadType::from_low_bits(rtx)),
    })
}

/// The header extensions that are offered, in this order, and accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderExtensions {
    /// Those of audio.
    pub audio: Arc<[Kind]>,
    /// Those of video.
    pub video: Arc<[Kind]>,
}

impl Default for HeaderExtensions {
    /// What Chromium offers.
    fn default() -> Self {
        Self {
            audio: [
                Kind::AudioLevel,
                Kind::AbsoluteSendTime,
                Kind::TransportSequenceNumber,
                Kind::Mid,
            ]
            .into(),
            video: [
                Kind::TransmissionOffset,
                Kind::AbsoluteSendTime,
                Kind::VideoOrientation,
                Kind::TransportSequenceNumber,
                Kind::PlayoutDelay,
                Kind::VideoContentType,
                Kind::VideoTiming,
                Kind::ColorSpace,
                Kind::Mid,
                Kind::RtpStreamId,
                Kind::RepairedRtpStreamId,
            ]
            .into(),
        }
    }
}

impl HeaderExtensions {
    pub(crate) fn of(&self, kind: MediaKind) -> &[Kind] {
        match kind {
            MediaKind::Audio => &self.audio,
            MediaKind::Video => &self.video,
        }
    }
}

/// The id that an extension has when we are the first to give it one: Chromium's.
pub(super) const fn preferred_id(kind: Kind) -> Option<u8> {
    Some(match kind {
        Kind::AudioLevel => 1,
        Kind::AbsoluteSendTime => 2,
        Kind::TransportSequenceNumber => 3,
        Kind::Mid => 4,
        Kind::PlayoutDelay => 5,
        Kind::VideoContentType => 6,
        Kind::VideoTiming => 7,
        Kind::ColorSpace => 8,
        Kind::VideoLayersAllocation => 9,
        Kind::RtpStreamId => 10,
        Kind::RepairedRtpStreamId => 11,
        Kind::DependencyDescriptor => 12,
        Kind::VideoOrientation => 13,
        Kind::TransmissionOffset => 14,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_given_twice() {
        let codecs = default_codecs();
        let numbers = codecs.iter().flat_map(|c| [Some(c.payload_type), c.rtx]).flatten();
        let mut numbers: Vec<_> = numbers.collect();
        let count = numbers.len();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
        // RFC 5761 §4: these look like RTCP.
        assert!(numbers.iter().all(|number| !(64..96).contains(&number.get())));
    }
}
