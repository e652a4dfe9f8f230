//! What negotiation tells the engine about one media section.

use std::sync::Arc;

use rtp::Ssrc;
use rtp::extension::Kind;

use super::codec::Codec;

/// One media section, as agreed. It replaces what was agreed before.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) mid: Box<str>,
    /// The codecs agreed on, preferred ones first. Payload types are the same in both directions:
    /// an answer takes those of the offer (RFC 3264 §6.1).
    pub(crate) codecs: Arc<[Codec]>,
    /// Header extensions agreed on, with their ids of 1 to 255.
    pub(crate) extensions: Vec<(u8, Kind)>,
    /// The agreed direction lets us send.
    pub(crate) send: bool,
    /// The agreed direction lets us receive.
    pub(crate) receive: bool,
    /// RTCP may be of reduced size (RFC 5506): a request need not travel with a report.
    pub(crate) reduced_size: bool,
    /// The streams that the other side announces with `a=ssrc`.
    pub(crate) remote_sources: Vec<RemoteSource>,
    /// The encodings that the other side announces with `a=rid … send`.
    pub(crate) remote_rids: Vec<Box<str>>,
}

/// A stream of the other side (RFC 5576), with the one that repairs it (`ssrc-group:FID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemoteSource {
    pub(crate) ssrc: Ssrc,
    pub(crate) rtx: Option<Ssrc>,
}

/// Our stream of one media section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalSource {
    pub(crate) ssrc: Ssrc,
    /// The one that repairs it; sent and announced where RTX was negotiated.
    pub(crate) rtx: Ssrc,
}
