//! What a connection tells its shell.

use ice::{RelayError, RelayId, SocketId, SocketRequest};
use sansio::Path;

use crate::channels::ChannelId;
use crate::description::IceCandidate;
use crate::media::TransceiverId;
use crate::state::{ConnectionState, IceConnectionState, IceGatheringState, SignalingState};

/// A fact, in the past tense. Events never carry messages: read those with
/// [`channel_read`](crate::PeerConnection::channel_read) when the channel is readable.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A local candidate that the other side has not been told of; `None`: that was the last
    /// (W3C `icecandidate`). Candidates known before the local description are inside it.
    IceCandidate(Option<IceCandidate>),
    /// A candidate of the other side has a name in place of an address, as browsers hide theirs
    /// (draft-ietf-mmusic-mdns-ice-candidates). Who can resolve it answers with
    /// [`resolve_name`](crate::PeerConnection::resolve_name); nobody has to.
    NameToResolve(Box<str>),
    /// The other side has fallen silent: perhaps a NAT on our side has begun anew. Who has asked STUN
    /// servers asks them again, and tells by
    /// [`add_server_reflexive_candidate`](crate::PeerConnection::add_server_reflexive_candidate) if
    /// they see us elsewhere.
    MappingDoubted,
    /// A socket of this connection's own is wanted, for a relay or a TCP candidate: answered by
    /// [`handle_opened`](crate::PeerConnection::handle_opened) or
    /// [`handle_closed`](crate::PeerConnection::handle_closed).
    SocketWanted(SocketRequest),
    /// A socket is not needed any more: to be closed when what was pulled has been written.
    SocketReleased(SocketId),
    /// A relay gives no candidate, or not any more (W3C `icecandidateerror`). An ICE restart tries
    /// it again.
    RelayFailed {
        /// What the shell calls it.
        relay: RelayId,
        /// Why, at the last of its addresses.
        error: RelayError,
    },
    /// A local candidate is no more: its interface went. The other side notices by itself; where
    /// signalling has a way to say so, it saves it a few checks.
    IceCandidateRemoved(IceCandidate),
    /// Application data travels this path from now on: to the other side, or to a relay.
    SelectedPathChange(Path),
    /// The other side opened a channel (W3C `datachannel`). It is open.
    DataChannel(ChannelId),
    /// A channel of ours opened (W3C `open`).
    ChannelOpen(ChannelId),
    /// A channel without unread messages has one. Fires once until the last one was read.
    ChannelReadable(ChannelId),
    /// `channel_send` failed with `BufferFull` before, and there is room again.
    ChannelWritable(ChannelId),
    /// W3C `bufferedamountlow`.
    ChannelBufferedAmountLow(ChannelId),
    /// The other side began to close the channel (W3C `closing`). Unread messages stay readable.
    ChannelClosing(ChannelId),
    /// The channel is closed and gone (W3C `close`).
    ChannelClosed(ChannelId),
    /// The other side announced that it sends, or may send, for this transceiver, which may be new
    /// (W3C `track`).
    Track(TransceiverId),
    /// The other side ceased to send: its direction changed, or the section was stopped
    /// (W3C `mute`, `ended`).
    TrackEnded(TransceiverId),
    /// A receiver without unread packets has one. Fires once until the last one was read.
    RtpReadable(TransceiverId),
    /// The other side needs a whole picture of what we send (RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    KeyframeRequested(TransceiverId),
}
