//! Session descriptions and candidates as applications exchange them.

use core::fmt;

/// What a description is for (W3C webrtc-pc §4.6.1, `RTCSdpType`). A provisional answer
/// (`pranswer`) is not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SdpType {
    /// Proposes a session, or a change of it.
    Offer,
    /// Accepts a proposal.
    Answer,
    /// Takes the outstanding offer back.
    Rollback,
}

impl fmt::Display for SdpType {
    /// The W3C's own spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offer => "offer",
            Self::Answer => "answer",
            Self::Rollback => "rollback",
        })
    }
}

/// A description and what it is for (W3C webrtc-pc §4.6.2, `RTCSessionDescription`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDescription {
    /// What it is for.
    pub kind: SdpType,
    /// Its text, RFC 8866. Empty for a rollback.
    pub sdp: String,
}

impl SessionDescription {
    /// An offer.
    pub fn offer(sdp: impl Into<String>) -> Self {
        Self { kind: SdpType::Offer, sdp: sdp.into() }
    }

    /// An answer.
    pub fn answer(sdp: impl Into<String>) -> Self {
        Self { kind: SdpType::Answer, sdp: sdp.into() }
    }

    /// A rollback.
    pub fn rollback() -> Self {
        Self { kind: SdpType::Rollback, sdp: String::new() }
    }
}

/// A candidate on its way to or from the other side (W3C webrtc-pc §4.8.1, `RTCIceCandidateInit`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IceCandidate {
    /// The candidate attribute of RFC 8839 §5.1, `candidate:…`. Empty: there will be no more.
    pub candidate: String,
    /// The `mid` of the media section that it belongs to.
    pub sdp_mid: Option<String>,
    /// The index of that media section.
    pub sdp_m_line_index: Option<u16>,
    /// The ICE generation that it belongs to.
    pub username_fragment: Option<String>,
}

/// What to offer (W3C webrtc-pc §4.4.3.2, `RTCOfferOptions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferOptions {
    /// New ICE credentials, so that candidates are gathered and checked anew.
    pub ice_restart: bool,
}
