//! Why a description or a candidate was refused.

use thiserror::Error;

use crate::description::SdpType;
use crate::state::SignalingState;

/// Why a command of offer and answer was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NegotiationError {
    /// The command does not fit the signaling state (W3C InvalidStateError).
    #[error("{command} in the signaling state {state}")]
    InvalidState {
        /// What was asked for.
        command: &'static str,
        /// Where the connection stands.
        state: SignalingState,
    },
    /// The description is not the one that was created last (W3C InvalidModificationError).
    #[error("the {0} is not the one that was created last")]
    Modified(SdpType),
    /// The text is not a session description (W3C RTCError, `sdp-syntax-error`).
    #[error("not a session description: {0}")]
    Syntax(#[from] sdp::ParseError),
    /// The media sections are not those of the offer, or of the negotiation before, or there are
    /// more than `Config::max_sections` (W3C InvalidAccessError).
    #[error("media section {index} is not the one that was expected")]
    Mismatch {
        /// Index of the first section that differs.
        index: usize,
    },
    /// Something that a WebRTC description must have is missing (W3C InvalidAccessError).
    #[error("media section {index} has no {missing}")]
    Missing {
        /// Index of the section.
        index: usize,
        /// The attribute's name.
        missing: &'static str,
    },
    /// ICE credentials that are none (W3C InvalidAccessError).
    #[error("media section {index}: {error}")]
    Credentials {
        /// Index of the section.
        index: usize,
        /// What is wrong with them.
        error: ice::CredentialsError,
    },
    /// Something is there that a WebRTC description cannot have (W3C InvalidAccessError).
    #[error("media section {index}: {what}")]
    Unacceptable {
        /// Index of the section.
        index: usize,
        /// What it is.
        what: &'static str,
    },
    /// An `a=sctp-init` that no association can come of (W3C InvalidAccessError).
    #[error("media section {index}: sctp-init: {error}")]
    SctpInit {
        /// Index of the section.
        index: usize,
        /// What is wrong with it.
        error: sctp::TokenError,
    },
    /// The text is not a candidate (W3C OperationError).
    #[error("not a candidate: {0}")]
    Candidate(#[from] sdp::Reason),
    /// A candidate for a media section that does not exist (W3C OperationError).
    #[error("a candidate for an unknown media section")]
    UnknownSection,
}
