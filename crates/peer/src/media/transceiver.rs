//! Transceivers: a sender and a receiver that share a media section (W3C webrtc-pc §5.4).

use std::sync::Arc;

use sdp::attribute::Direction;

use super::codec::Codec;
use super::kind::MediaKind;

/// Names a transceiver of one connection. Ids grow and are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransceiverId(pub(crate) u32);

/// How to begin (W3C webrtc-pc §4.4.2, `RTCRtpTransceiverInit`).
#[derive(Clone, Debug)]
pub struct TransceiverInit {
    /// The direction that we want. Default: `SendRecv`.
    pub direction: Direction,
    /// The streams that our track belongs to, `a=msid` (RFC 8830). Default: none.
    pub streams: Vec<String>,
}

impl Default for TransceiverInit {
    fn default() -> Self {
        Self { direction: Direction::SendRecv, streams: Vec::new() }
    }
}

/// A transceiver's facts (W3C webrtc-pc §5.4, `RTCRtpTransceiver`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Transceiver {
    /// Its name here.
    pub id: TransceiverId,
    /// Audio or video.
    pub kind: MediaKind,
    /// The name of its media section, once there is one.
    pub mid: Option<String>,
    /// The direction that we want.
    pub direction: Direction,
    /// The direction that was agreed; `None` before.
    pub current_direction: Option<Direction>,
    /// It was stopped, by us or by a section that was rejected.
    pub stopped: bool,
    /// Our streams' names.
    pub streams: Vec<String>,
    /// The names of the other side's streams (`a=msid`), while it sends.
    pub remote_streams: Vec<String>,
    /// The name of the other side's track, where it gives one, while it sends.
    pub remote_track: Option<String>,
    /// The codecs that were agreed, preferred ones first; empty before.
    pub codecs: Arc<[Codec]>,
    pub(crate) record: Record,
}

/// What negotiation remembers about a transceiver.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// The name of our track, `a=msid`.
    pub(crate) track: String,
    /// `add_track` made it: it may serve a section that the other side offers (RFC 9429 §5.10).
    pub(crate) made_by_add_track: bool,
    /// The offer that is outstanding made it, and its rollback ends it (RFC 9429 §5.7).
    pub(crate) made_by_offer: bool,
    /// It has something to send, or had.
    pub(crate) has_track: bool,
    /// The application was told that the other side sends (W3C `[[FiredDirection]]`).
    pub(crate) announced: bool,
    /// The codecs of `set_codec_preferences`; empty: those of `Config`.
    pub(crate) preferences: Vec<Codec>,
}

impl Transceiver {
    pub(crate) fn new(
        id: TransceiverId,
        kind: MediaKind,
        direction: Direction,
        streams: Vec<String>,
        record: Record,
    ) -> Self {
        Self {
            id,
            kind,
            mid: None,
            direction,
            current_direction: None,
            stopped: false,
            streams,
            remote_streams: Vec::new(),
            remote_track: None,
            codecs: Arc::default(),
            record,
        }
    }
}
