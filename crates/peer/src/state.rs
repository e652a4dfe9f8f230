//! The states of a connection, with the W3C's names.

use core::fmt;

/// Where offer and answer stand (W3C webrtc-pc §4.3.1, `RTCSignalingState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SignalingState {
    /// No offer is outstanding.
    #[default]
    Stable,
    /// Our offer was set, the answer is awaited.
    HaveLocalOffer,
    /// Their offer was set, our answer is awaited.
    HaveRemoteOffer,
    /// The connection was closed.
    Closed,
}

/// Gathering of local candidates (W3C webrtc-pc §4.3.2, `RTCIceGatheringState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IceGatheringState {
    /// Nothing was gathered yet.
    #[default]
    New,
    /// Candidates are being gathered.
    Gathering,
    /// There will be no more candidates.
    Complete,
}

/// All transports and their DTLS together (W3C webrtc-pc §4.3.3, `RTCPeerConnectionState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Nothing has begun.
    #[default]
    New,
    /// ICE or DTLS is at work.
    Connecting,
    /// ICE and DTLS are connected.
    Connected,
    /// The other side does not answer; it may come back.
    Disconnected,
    /// ICE or DTLS gave up.
    Failed,
    /// Closed by us, or by the other side's DTLS `close_notify`.
    Closed,
}

/// ICE of all transports together (W3C webrtc-pc §4.3.4, `RTCIceConnectionState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IceConnectionState {
    /// No check was sent yet.
    #[default]
    New,
    /// Checks are on their way.
    Checking,
    /// A pair works, better ones may come.
    Connected,
    /// A pair works, and no better one will come.
    Completed,
    /// Consent is not being confirmed; it may come back.
    Disconnected,
    /// No pair works, or consent expired.
    Failed,
    /// The connection was closed.
    Closed,
}

macro_rules! w3c_names {
    ($($state:ident: $($variant:ident $name:literal),+;)+) => {$(
        impl fmt::Display for $state {
            /// The W3C's own spelling.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $name),+ })
            }
        }
    )+};
}

w3c_names! {
    SignalingState: Stable "stable", HaveLocalOffer "have-local-offer",
        HaveRemoteOffer "have-remote-offer", Closed "closed";
    IceGatheringState: New "new", Gathering "gathering", Complete "complete";
    ConnectionState: New "new", Connecting "connecting", Connected "connected",
        Disconnected "disconnected", Failed "failed", Closed "closed";
    IceConnectionState: New "new", Checking "checking", Connected "connected",
        Completed "completed", Disconnected "disconnected", Failed "failed", Closed "closed";
}
