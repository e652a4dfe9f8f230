//! The header extensions that have a name here: kind and URI side by side.

use core::fmt;

macro_rules! kinds {
    ($($kind:ident $uri:literal $doc:literal,)+) => {
        /// A header extension that browsers offer, by what it says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = $doc] $kind,)+
        }

        impl Kind {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// What stands for it in `a=extmap` (RFC 8285 §5).
            pub const fn uri(self) -> &'static str {
                match self {
                    $(Self::$kind => $uri,)+
                }
            }

            /// The kind of a URI; `None` if it has no name here.
            pub fn from_uri(uri: &str) -> Option<Self> {
                match uri {
                    $($uri => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    AudioLevel "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
        "How loud the packet is, RFC 6464.",
    CsrcAudioLevels "urn:ietf:params:rtp-hdrext:csrc-audio-level"
        "How loud each contributor is, RFC 6465.",
    TransmissionOffset "urn:ietf:params:rtp-hdrext:toffset"
        "How long after its timestamp the packet left, RFC 5450.",
    AbsoluteSendTime "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        "When the packet left.",
    AbsoluteCaptureTime "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
        "When the frame was captured.",
    TransportSequenceNumber
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        "The packet's number among all of its transport.",
    TransportSequenceNumber2 "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02"
        "The same, with feedback on request.",
    VideoOrientation "urn:3gpp:video-orientation"
        "Which way the camera is turned, 3GPP TS 26.114 §7.4.5.",
    PlayoutDelay "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
        "How long to buffer before playing.",
    VideoContentType "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"
        "Camera or screen.",
    VideoTiming "http://www.webrtc.org/experiments/rtp-hdrext/video-timing"
        "Where a frame's time went.",
    ColorSpace "http://www.webrtc.org/experiments/rtp-hdrext/color-space"
        "Primaries, transfer, matrix and HDR metadata.",
    VideoLayersAllocation
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00"
        "Which layers are sent, with their bitrates.",
    CorruptionDetection "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection"
        "Samples of the picture to compare.",
    VideoFrameTrackingId
        "http://www.webrtc.org/experiments/rtp-hdrext/video-frame-tracking-id"
        "A number for the frame, for tests.",
    GenericFrameDescriptor
        "http://www.webrtc.org/experiments/rtp-hdrext/generic-frame-descriptor-00"
        "What a frame depends on, the form before the dependency descriptor.",
    DependencyDescriptor
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
        "What a frame depends on, AV1 RTP specification appendix A.",
    Mid "urn:ietf:params:rtp-hdrext:sdes:mid"
        "The media section that the stream belongs to, RFC 9143 §15.",
    RtpStreamId "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
        "Which encoding of the media section it is, RFC 8852 §3.1.",
    RepairedRtpStreamId "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
        "Which encoding it repairs, RFC 8852 §3.2.",
}

impl fmt::Display for Kind {
    /// The URI.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_uri() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_uri(kind.uri()), Some(*kind));
        }
        assert_eq!(Kind::from_uri("urn:example:none"), None);
    }
}
