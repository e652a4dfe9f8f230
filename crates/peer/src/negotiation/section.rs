//! Media sections of ours: what a description of ours says, or what was agreed.

use std::sync::Arc;

use rtp::extension::Kind;
use sdp::attribute::Direction;

use crate::media::{Codec, LocalSource, MediaKind, TransceiverId};

/// One media section. Its index is the same in all descriptions of a connection, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(super) mid: Option<String>,
    pub(super) line: Line,
    pub(super) content: Content,
}

/// The words of an m= line, so that a section which we reject can be written back (RFC 3264 §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(super) media: String,
    pub(super) protocol: String,
    pub(super) formats: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The data section.
    Data,
    /// Media of a transceiver.
    Rtp(Box<Rtp>),
    /// Port 0.
    Rejected,
}

/// Media of a transceiver, as we offer it, answer it, or as it was agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rtp {
    pub(super) transceiver: TransceiverId,
    pub(super) kind: MediaKind,
    pub(super) direction: Direction,
    pub(super) codecs: Arc<[Codec]>,
    pub(super) extensions: Vec<Extension>,
    /// RTCP packets may be short, RFC 5506.
    pub(super) reduced_size: bool,
    /// What `a=msid` says; `None`: we have not said anything yet.
    pub(super) msid: Option<Msid>,
    pub(super) source: Option<LocalSource>,
    /// The encodings of the other side, `a=rid … recv`.
    pub(super) encodings: Encodings,
}

/// A header extension and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(super) id: u8,
    pub(super) kind: Kind,
    /// Which way it is used, seen from who wrote it; as the media, if it is not said.
    pub(super) direction: Option<Direction>,
}

/// Our track and its streams, RFC 8830.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Msid {
    pub(super) streams: Vec<String>,
    pub(super) track: String,
}

/// The encodings that the other side sends (RFC 8851), and which of them at the same time
/// (RFC 8853).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encodings {
    pub(super) rids: Vec<Encoding>,
    /// `a=simulcast:recv`, as it is written: streams, and the alternatives of each.
    pub(super) simulcast: Vec<Vec<String>>,
}

/// One encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(super) id: String,
    pub(super) restrictions: String,
}

impl Section {
    pub(super) fn is_data(&self) -> bool {
        self.content == Content::Data
    }

    pub(super) fn is_rejected(&self) -> bool {
        self.content == Content::Rejected
    }

    pub(super) fn mid(&self) -> Option<&str> {
        self.mid.as_deref()
    }

    pub(super) fn rtp(&self) -> Option<&Rtp> {
        match &self.content {
            Content::Rtp(rtp) => Some(rtp),
            Content::Data | Content::Rejected => None,
        }
    }

    /// The transceiver whose media it is.
    pub(super) fn transceiver(&self) -> Option<TransceiverId> {
        self.rtp().map(|rtp| rtp.transceiver)
    }

    /// The same, with port 0.
    pub(super) fn rejected(&self) -> Self {
        Self { content: Content::Rejected, ..self.clone() }
    }
}
