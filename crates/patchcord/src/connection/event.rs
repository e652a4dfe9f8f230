//! What a connection tells its application.

use peer::{ConnectionState, IceCandidate, IceConnectionState, IceGatheringState, SignalingState};
use sansio::Path;

use super::IceCandidateError;
use crate::channel::DataChannel;
use crate::media::Transceiver;

/// What happened, with the W3C's names (webrtc-pc §4.4.3, events of `RTCPeerConnection`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Something was added that needs an offer (W3C `negotiationneeded`).
    NegotiationNeeded,
    /// W3C `signalingstatechange`.
    SignalingStateChange(SignalingState),
    /// W3C `icegatheringstatechange`.
    IceGatheringStateChange(IceGatheringState),
    /// W3C `iceconnectionstatechange`.
    IceConnectionStateChange(IceConnectionState),
    /// W3C `connectionstatechange`.
    ConnectionStateChange(ConnectionState),
    /// A candidate for the other side; `None`: that was the last one (W3C `icecandidate`). What was
    /// known before is inside the local description.
    IceCandidate(Option<IceCandidate>),
    /// A STUN or TURN server is of no use (W3C `icecandidateerror`). The connection does without.
    IceCandidateError(IceCandidateError),
    /// A candidate of ours is no more: its interface went. The other side notices by itself.
    IceCandidateRemoved(IceCandidate),
    /// Data travels this path from now on.
    SelectedPathChange(Path),
    /// The other side opened a channel (W3C `datachannel`). Dropping it closes it.
    DataChannel(DataChannel),
    /// The other side sends, or may send, for this transceiver (W3C `track`), which its offer may
    /// have made. A section is answered with the transceiver's direction: set it before the answer.
    Track(Transceiver),
    /// The other side ceased to send for this transceiver: its direction changed (W3C `mute`), or
    /// it was stopped (W3C `ended`).
    TrackEnded(Transceiver),
}
