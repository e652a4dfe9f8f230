//! The handle of a connection, with the W3C's names.

use std::sync::Arc;

use peer::{
    AddRelayError, ChannelError, ConnectionState, DataChannelInit, IceCandidate,
    IceConnectionState, IceGatheringState, MediaKind, NegotiationError, OfferOptions,
    SessionDescription, SignalingState, Stats, TransceiverError, TransceiverInit,
};

use super::keepalive::Steered;
use super::{Alive, CloseReason, Connection, Event};
use crate::channel::DataChannel;
use crate::media::{Sender, Transceiver};

/// A connection to another peer (W3C webrtc-pc §4.4, `RTCPeerConnection`), made by
/// [`Endpoint::peer_connection`](crate::Endpoint::peer_connection).
///
/// Clones are cheap and are the same connection. It lives as long as a clone or one of its
/// [`DataChannel`]s, [`Transceiver`]s, [`Sender`]s or [`Receiver`](crate::Receiver)s: dropping the
/// last of them closes it, as [`close`](Self::close) does.
///
/// What is a promise in the W3C's interface is an `async fn` here; none of them waits for the
/// network but [`close`](Self::close), [`gathering_complete`](Self::gathering_complete) and
/// [`next_event`](Self::next_event).
#[derive(Clone, Debug)]
pub struct PeerConnection {
    steered: Arc<Steered>,
}

impl PeerConnection {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self { steered: Arc::new(Steered { alive: Arc::new(Alive { connection }) }) }
    }

    /// Makes an offer (W3C `createOffer`). All host candidates are inside.
    ///
    /// # Errors
    ///
    /// The state does not allow it.
    pub async fn create_offer(
        &self,
        options: OfferOptions,
    ) -> Result<SessionDescription, NegotiationError> {
        self.connection().command(|peer, now| peer.create_offer(now, options))
    }

    /// Makes an answer to the offer that was set (W3C `createAnswer`).
    ///
    /// # Errors
    ///
    /// No offer of the other side is outstanding.
    pub async fn create_answer(&self) -> Result<SessionDescription, NegotiationError> {
        self.connection().command(peer::PeerConnection::create_answer)
    }

    /// Sets our description (W3C `setLocalDescription`). `None` makes the one that the state asks
    /// for, an offer or an answer, and sets it.
    ///
    /// # Errors
    ///
    /// It does not fit the state, or it is not the description that was made last.
    pub async fn set_local_description(
        &self,
        description: impl Into<Option<SessionDescription>>,
    ) -> Result<(), NegotiationError> {
        let description = description.into();
        self.connection().command(|peer, now| peer.set_local_description(now, description))
    }

    /// Sets the other side's description (W3C `setRemoteDescription`).
    ///
    /// # Errors
    ///
    /// It does not fit the state, is not SDP, lacks what WebRTC needs, or does not match the offer.
    pub async fn set_remote_description(
        &self,
        description: SessionDescription,
    ) -> Result<(), NegotiationError> {
        self.connection().command(|peer, now| peer.set_remote_description(now, description))
    }

    /// Adds a candidate of the other side (W3C `addIceCandidate`). `None`: there will be no more.
    ///
    /// # Errors
    ///
    /// There is no remote description, or it is not a candidate.
    pub async fn add_ice_candidate(
        &self,
        candidate: Option<IceCandidate>,
    ) -> Result<(), NegotiationError> {
        self.connection().command(|peer, now| peer.add_ice_candidate(now, candidate))
    }

    /// Makes a data channel (W3C `createDataChannel`). It opens when the connection is up; what is
    /// sent before waits. Dropping it closes it.
    ///
    /// # Errors
    ///
    /// What the W3C says.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the dictionary in place")]
    pub fn create_data_channel(
        &self,
        label: &str,
        init: DataChannelInit,
    ) -> Result<DataChannel, ChannelError> {
        self.connection().change(|state, now| {
            let id = state.peer.create_data_channel(now, label, &init)?;
            DataChannel::new(&self.steered.alive, state, id).ok_or(ChannelError::Closed)
        })
    }

    /// Makes a transceiver (W3C `addTransceiver`), which the next offer has a section for.
    ///
    /// # Errors
    ///
    /// The connection is over.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the dictionary in place")]
    pub fn add_transceiver(
        &self,
        kind: MediaKind,
        init: TransceiverInit,
    ) -> Result<Transceiver, TransceiverError> {
        self.connection().change(|state, now| {
            let id = state.peer.add_transceiver(now, kind, &init)?;
            Transceiver::new(&self.steered.alive, state, id).ok_or(TransceiverError::Stopped)
        })
    }

    /// Sends a track (W3C `addTrack`) that belongs to the named streams: on a transceiver of this
    /// kind that has never sent, or on a new one.
    ///
    /// # Errors
    ///
    /// The connection is over.
    pub fn add_track(&self, kind: MediaKind, streams: &[&str]) -> Result<Sender, TransceiverError> {
        let streams: Vec<String> = streams.iter().map(|&name| name.into()).collect();
        self.connection().change(|state, now| {
            let id = state.peer.add_track(now, kind, &streams)?;
            let made = Transceiver::new(&self.steered.alive, state, id);
            made.map(|made| made.sender()).ok_or(TransceiverError::Stopped)
        })
    }

    /// Ceases to send (W3C `removeTrack`); the next offer says so.
    ///
    /// # Errors
    ///
    /// The sender's transceiver was stopped, or is not one of this connection.
    pub fn remove_track(&self, sender: &Sender) -> Result<(), TransceiverError> {
        let id = sender.id_within(self.connection()).ok_or(TransceiverError::Unknown)?;
        self.connection().command(|peer, now| peer.remove_track(now, id))
    }

    /// All transceivers that were not stopped, in the order in which they were made
    /// (W3C `getTransceivers`).
    pub fn transceivers(&self) -> Vec<Transceiver> {
        let state = &mut *self.connection().lock();
        let ids: Vec<_> =
            state.peer.transceivers().filter(|it| !it.stopped).map(|it| it.id).collect();
        let made = ids.into_iter().map(|id| Transceiver::new(&self.steered.alive, state, id));
        made.flatten().collect()
    }

    /// Other credentials for a TURN server, by the URI that it was named with (W3C
    /// `setConfiguration`): time-limited ones before they expire, say. The server is asked with them
    /// when it is next asked at all; the call goes on. False: no relay is used by this name.
    ///
    /// # Errors
    ///
    /// The name has more than 508 bytes.
    pub fn set_ice_credentials(
        &self,
        url: &str,
        username: &str,
        credential: &str,
    ) -> Result<bool, AddRelayError> {
        self.connection().change(|state, _| state.set_relay_credentials(url, username, credential))
    }

    /// What happened next. `None`: the connection is over, and all was told.
    ///
    /// Nothing is lost between two calls or before the first one. If many changes of state pile up,
    /// the latest of each kind remain.
    pub async fn next_event(&self) -> Option<Event> {
        let connection = self.connection();
        connection
            .until(&connection.changed, |state, _| {
                if let Some(failure) = state.failures.pop_front() {
                    return Some(Some(Event::IceCandidateError(failure)));
                }
                while let Some(event) = state.queue.pop() {
                    if let Some(event) = self.told(state, event) {
                        return Some(Some(event));
                    }
                }
                state.is_over().then_some(None)
            })
            .await
    }

    /// Waits until all candidates are in the local description, for signalling that takes one
    /// message a side. Returns when the connection is over, too.
    pub async fn gathering_complete(&self) {
        let connection = self.connection();
        connection
            .until(&connection.changed, |state, _| {
                let complete = state.peer.ice_gathering_state() == IceGatheringState::Complete;
                (complete || state.is_over()).then_some(())
            })
            .await;
    }

    /// Ends the connection (W3C `close`), and waits until the farewells were handed to the socket.
    /// The other side learns it at once. What was sent and not acknowledged is lost: close channels
    /// first and await their [`closed`](DataChannel::closed) where that matters.
    pub async fn close(&self) {
        let connection = self.connection();
        connection.command(peer::PeerConnection::close);
        connection.until(&connection.changed, |state, _| state.released.then_some(())).await;
    }

    /// Our description, the outstanding one or else the agreed one, with all candidates so far
    /// (W3C `localDescription`).
    pub fn local_description(&self) -> Option<SessionDescription> {
        self.connection().look(|state| state.peer.local_description())
    }

    /// The other side's description, as it was set (W3C `remoteDescription`).
    pub fn remote_description(&self) -> Option<SessionDescription> {
        self.connection().look(|state| state.peer.remote_description().cloned())
    }

    /// W3C `signalingState`.
    pub fn signaling_state(&self) -> SignalingState {
        self.connection().look(|state| state.peer.signaling_state())
    }

    /// W3C `iceGatheringState`.
    pub fn ice_gathering_state(&self) -> IceGatheringState {
        self.connection().look(|state| state.peer.ice_gathering_state())
    }

    /// W3C `iceConnectionState`.
    pub fn ice_connection_state(&self) -> IceConnectionState {
        self.connection().look(|state| state.peer.ice_connection_state())
    }

    /// W3C `connectionState`.
    pub fn connection_state(&self) -> ConnectionState {
        self.connection().look(|state| state.peer.connection_state())
    }

    /// Why the connection is over, if it is.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.connection().look(|state| {
            let below = || state.peer.close_reason().cloned().map(CloseReason::Connection);
            state.ended.clone().or_else(below)
        })
    }

    /// Channels that can exist at a time: the stream ids that both sides have agreed on (W3C
    /// `maxChannels`). `None` before the connection is up.
    pub fn max_channels(&self) -> Option<u16> {
        self.connection().look(|state| state.peer.max_channels())
    }

    /// The largest message that the other side accepts, bytes; 0 before its description is known.
    pub fn max_message_size(&self) -> usize {
        self.connection().look(|state| state.peer.max_message_size())
    }

    /// What the connection did so far.
    pub fn stats(&self) -> Stats {
        self.connection().look(|state| state.peer.stats())
    }

    /// What ICE knows and did so far: the transport, its candidate pairs and candidates, as W3C
    /// webrtc-stats names them. It is put together anew each time.
    pub fn ice_stats(&self) -> peer::IceStats {
        self.connection().look(|state| state.peer.ice_stats())
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.steered.alive.connection
    }

    /// An event as the application sees it.
    fn told(&self, state: &mut super::State, event: peer::Event) -> Option<Event> {
        Some(match event {
            peer::Event::NegotiationNeeded => Event::NegotiationNeeded,
            peer::Event::SignalingStateChange(to) => Event::SignalingStateChange(to),
            peer::Event::IceGatheringStateChange(to) => Event::IceGatheringStateChange(to),
            peer::Event::IceConnectionStateChange(to) => Event::IceConnectionStateChange(to),
            peer::Event::ConnectionStateChange(to) => Event::ConnectionStateChange(to),
            peer::Event::IceCandidate(candidate) => Event::IceCandidate(candidate),
            peer::Event::IceCandidateRemoved(candidate) => Event::IceCandidateRemoved(candidate),
            peer::Event::SelectedPathChange(path) => Event::SelectedPathChange(path),
            peer::Event::DataChannel(id) => {
                Event::DataChannel(DataChannel::new(&self.steered.alive, state, id)?)
            }
            peer::Event::Track(id) => {
                Event::Track(Transceiver::new(&self.steered.alive, state, id)?)
            }
            peer::Event::TrackEnded(id) => {
                Event::TrackEnded(Transceiver::new(&self.steered.alive, state, id)?)
            }
            _ => return None,
        })
    }
}
