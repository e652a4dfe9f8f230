//! Servers that were of no use.

use peer::RelayError;

/// A STUN or TURN server that cannot be reached or refuses us (W3C webrtc-pc §4.8.2,
/// `RTCPeerConnectionIceErrorEvent`). Nothing is lost but its candidates: the connection goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IceCandidateError {
    /// The server, as the application has named it.
    pub url: String,
    /// What the server has answered, an error code of STUN: 300 to 699; or 701, if there is no
    /// answer.
    pub code: u16,
    /// The same in words.
    pub text: String,
}

impl IceCandidateError {
    /// W3C webrtc-pc §4.8.2.
    const UNREACHABLE: u16 = 701;

    /// A relay is of no use; `why`: its connection failed, in words.
    pub(super) fn of_relay(url: String, error: &RelayError, why: Option<&str>) -> Self {
        let code = match error {
            RelayError::Allocation(reason) => reason.code(),
            RelayError::Unreachable => None,
        };
        let text = match (error, why) {
            (RelayError::Unreachable, Some(why)) => why.to_owned(),
            _ => error.to_string(),
        };
        Self { url, code: code.unwrap_or(Self::UNREACHABLE), text }
    }

    /// There was no answer.
    pub(crate) fn unreachable(url: &str, text: &str) -> Self {
        Self { url: url.into(), code: Self::UNREACHABLE, text: text.into() }
    }
}
