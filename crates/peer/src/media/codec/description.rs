//! What a payload type stands for in one media section.

use std::sync::Arc;

use rtp::PayloadType;

use super::table::default_codecs;
use crate::media::kind::MediaKind;

/// A codec as offered or agreed (W3C webrtc-pc §5.2.9, `RTCRtpCodecParameters`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// Audio or video.
    pub kind: MediaKind,
    /// The number in the header of its packets.
    pub payload_type: PayloadType,
    /// The encoding name of its media type, such as `VP8`; compared without regard to case.
    pub name: String,
    /// Clock rate of its timestamps, Hz.
    pub clock_rate: u32,
    /// Channels of audio; 1 for video.
    pub channels: u8,
    /// Its format parameters as in `a=fmtp`, such as `minptime=10;useinbandfec=1`; empty: none.
    pub parameters: String,
    /// Which feedback is understood for it.
    pub feedback: Feedback,
    /// The payload type of its retransmissions (RFC 4588), if they are.
    pub rtx: Option<PayloadType>,
}

/// The feedback messages of one codec, `a=rtcp-fb` (RFC 4585 §4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// `nack`: lost packets are asked for again.
    pub nack: bool,
    /// `nack pli`: a lost picture is reported.
    pub pli: bool,
    /// `ccm fir`: a whole picture is asked for (RFC 5104).
    pub fir: bool,
    /// `goog-remb`: the receiver estimates the bandwidth.
    pub remb: bool,
    /// `transport-cc`: arrival times are reported.
    pub transport_cc: bool,
}

impl Codec {
    /// All that are negotiated unless something else is asked for, preferred ones first (W3C
    /// webrtc-pc §5.2, `RTCRtpSender.getCapabilities`).
    pub fn defaults() -> Arc<[Self]> {
        default_codecs()
    }

    /// The value of a format parameter, whose name is compared without regard to case; one without
    /// `=` is empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.split(';').find_map(|parameter| {
            let (found, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            found.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

impl Feedback {
    /// What both sides understand.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self {
            nack: self.nack && other.nack,
            pli: self.pli && other.pli,
            fir: self.fir && other.fir,
            remb: self.remb && other.remb,
            transport_cc: self.transport_cc && other.transport_cc,
        }
    }
}
