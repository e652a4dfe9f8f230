//! What the mutex of a connection guards: the connection without IO, and who waits for it.

use core::net::SocketAddr;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use peer::{
    AddRelayError, ChannelId, ConnectionState, Event, RelayError, RelayId, TcpType, TransceiverId,
};
use sansio::{Instant, Machine};
use tokio::sync::Notify;

use super::queue::Queue;
use super::{CloseReason, Connection, IceCandidateError, SocketChange, Woken};
use crate::config::Choices;
use crate::mdns::Member;
use crate::media::{Line, Lines};
use crate::servers::Server;

/// What the mutex guards.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) peer: peer::PeerConnection,
    choices: Choices,
    /// Tells names for its addresses, and finds addresses for names.
    member: Member,
    pub(super) queue: Queue,
    /// Servers that were of no use, for the application.
    pub(super) failures: VecDeque<IceCandidateError>,
    /// Where candidates may still come from: the endpoint's sockets, and each relay that is looked
    /// up.
    pub(crate) sources: usize,
    /// Relays as the application has named them: a [`RelayId`] is a place in this list.
    relays: Vec<Server>,
    /// Why the socket that is being given up could not be had, in words.
    pub(crate) unreachable: Option<Box<str>>,
    /// Sockets that the driver is to open or close.
    pub(crate) sockets: Vec<SocketChange>,
    /// STUN servers are to be asked again.
    pub(crate) mapping_doubted: bool,
    /// Who waits for a channel, for each channel that has a handle.
    waiting: BTreeMap<ChannelId, Arc<Notify>>,
    /// The same for transceivers, and where their packets go.
    pub(crate) lines: Lines,
    /// The driver has let go: the farewells are out.
    pub(super) released: bool,
    /// No `PeerConnection` is left, only channels.
    pub(super) unsteered: bool,
    /// Why the endpoint ended it, if it did.
    pub(super) ended: Option<CloseReason>,
}

impl State {
    /// Failures that wait for the application. Servers are its own choice; but it may never ask.
    const MAX_FAILURES: usize = 64;

    pub(super) fn new(peer: peer::PeerConnection, choices: Choices, member: Member) -> Self {
        Self {
            peer,
            choices,
            member,
            queue: Queue::default(),
            failures: VecDeque::new(),
            sources: 1,
            relays: Vec::new(),
            unreachable: None,
            sockets: Vec::new(),
            mapping_doubted: false,
            waiting: BTreeMap::new(),
            lines: Lines::default(),
            released: false,
            unsteered: false,
            ended: None,
        }
    }

    /// An address of the host becomes a candidate.
    pub(crate) fn add_host(&mut self, now: Instant, address: SocketAddr) {
        self.member.add_host(&mut self.peer, now, address);
        if self.choices.tcp_active && self.choices.tells_addresses() {
            self.peer.add_tcp_candidate(now, TcpType::Active, address);
        }
    }

    /// Peers can connect to this address over TCP.
    pub(crate) fn add_listener(&mut self, now: Instant, address: SocketAddr) {
        if self.choices.tells_addresses() {
            self.peer.add_tcp_candidate(now, TcpType::Passive, address);
        }
    }

    pub(super) fn fail(&mut self, failure: IceCandidateError) {
        if self.failures.len() < Self::MAX_FAILURES {
            self.failures.push_back(failure);
        }
    }

    /// A name for a relay.
    pub(crate) fn name_relay(&mut self, server: Server) -> RelayId {
        // There are as many as the configuration has URIs.
        let id = RelayId(u32::try_from(self.relays.len()).unwrap_or(u32::MAX));
        self.relays.push(server);
        id
    }

    /// The relay of this name.
    pub(crate) fn relay(&self, id: RelayId) -> Option<&Server> {
        self.relays.get(usize::try_from(id.0).ok()?)
    }

    /// Other credentials for the relays of this URI. False: there are none.
    pub(super) fn set_relay_credentials(
        &mut self,
        url: &str,
        username: &str,
        credential: &str,
    ) -> Result<bool, AddRelayError> {
        let mut known = false;
        let relays = (0..).zip(&mut self.relays);
        for (id, server) in relays.filter(|(_, server)| *server.text == *url) {
            self.peer.set_relay_credentials(RelayId(id), username, credential)?;
            // It may still be looked up.
            (server.username, server.credential) = (username.into(), credential.into());
            known = true;
        }
        Ok(known)
    }

    /// A relay is of no use.
    fn relay_failed(&mut self, id: RelayId, error: &RelayError) {
        let why = self.unreachable.take();
        let Some(url) = self.relay(id).map(|server| server.text.to_string()) else { return };
        self.fail(IceCandidateError::of_relay(url, error, why.as_deref()));
    }

    /// One of `sources` has given all that it has.
    pub(crate) fn gathered_one(&mut self, now: Instant) {
        self.sources = self.sources.saturating_sub(1);
        if self.sources == 0 {
            self.peer.end_of_local_candidates(now);
        }
    }

    /// Takes the connection's events: each finds who waits for it, or waits itself.
    pub(crate) fn absorb(&mut self, now: Instant, changed: &Arc<Notify>, woken: &mut Woken) {
        while let Some(event) = self.peer.poll_event() {
            match event {
                Event::ChannelOpen(id)
                | Event::ChannelReadable(id)
                | Event::ChannelWritable(id)
                | Event::ChannelBufferedAmountLow(id)
                | Event::ChannelClosing(id) => {
                    if let Some(waiting) = self.waiting.get(&id) {
                        woken.push(waiting);
                    }
                }
                Event::ChannelClosed(id) => {
                    if let Some(waiting) = self.waiting.remove(&id) {
                        woken.push(&waiting);
                    }
                    self.queue.forget(id);
                }
                Event::MappingDoubted => self.mapping_doubted = true,
                Event::NameToResolve(name) => self.member.resolve(&mut self.peer, now, name),
                Event::SocketWanted(request) => self.sockets.push(SocketChange::Wanted(request)),
                Event::SocketReleased(id) => self.sockets.push(SocketChange::Released(id)),
                Event::RelayFailed { relay, error } => {
                    self.relay_failed(relay, &error);
                    woken.push(changed);
                }
                Event::RtpReadable(id) => self.lines.readable(id, woken),
                Event::KeyframeRequested(id) => self.lines.keyframe_requested(id, woken),
                event => self.report(now, event, changed, woken),
            }
        }
    }

    /// An event for the application.
    fn report(&mut self, now: Instant, event: Event, changed: &Arc<Notify>, woken: &mut Woken) {
        match event {
            // A description, or the end, may have stopped transceivers.
            Event::SignalingStateChange(_) | Event::TrackEnded(_) => self.lines.wake_all(woken),
            Event::ConnectionStateChange(state) => {
                self.lines.wake_all(woken);
                if state == ConnectionState::Failed {
                    self.give_up_if_failed(now);
                }
            }
            _ => {}
        }
        self.queue.push(event);
        woken.push(changed);
    }

    /// What is notified when something about the channel changes.
    pub(crate) fn wait_for(&mut self, id: ChannelId) -> Arc<Notify> {
        Arc::clone(self.waiting.entry(id).or_default())
    }

    /// What is kept for a transceiver of `connection`, which this is the state of.
    pub(crate) fn line(&mut self, connection: &Arc<Connection>, id: TransceiverId) -> &mut Line {
        self.lines.open(&self.peer, connection, id)
    }

    /// The driver lets go; nobody waits for anything any more.
    pub(super) fn release(
        &mut self,
        now: Instant,
        reason: Option<CloseReason>,
        changed: &Arc<Notify>,
        woken: &mut Woken,
    ) {
        self.peer.close(now);
        self.released = true;
        if self.ended.is_none() {
            self.ended = reason;
        }
        self.absorb(now, changed, woken);
        for waiting in core::mem::take(&mut self.waiting).values() {
            woken.push(waiting);
        }
        self.lines.wake_all(woken);
        woken.push(changed);
    }

    /// A call into it has panicked: what it knew is not to be trusted.
    pub(super) fn abandon(&mut self, now: Instant) {
        self.peer.abandon(now);
        self.sockets.clear();
        self.ended.get_or_insert(CloseReason::Panicked);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.released || self.peer.close_reason().is_some()
    }

    pub(super) fn give_up_if_failed(&mut self, now: Instant) {
        if self.unsteered && self.peer.connection_state() == ConnectionState::Failed {
            self.peer.close(now);
        }
    }
}
