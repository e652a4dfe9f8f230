//! What the driver and all handles of a connection share, behind one mutex.
//!
//! The mutex is held for a call or two of the connection without IO, never over an await. Whoever
//! changes something marks the connection dirty; the driver then pulls its datagrams. No handle
//! does IO itself: datagrams of many sends leave in one system call, and a full socket stops
//! nobody's thread.
//!
//! Who panics while he holds the mutex poisons it. Whoever locks it next finds a connection that is
//! over, in place of one that nobody can trust any more.

use core::net::SocketAddr;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use bytes::BytesMut;
use peer::{
    AddRelayError, ChannelId, ConnectionState, Event, RelayError, RelayId, TcpType, TransceiverId,
};
use sansio::{Datagram, Instant, Machine, Path};
use tokio::sync::Notify;

use super::queue::Queue;
use super::{CloseReason, IceCandidateError, SocketChange, Woken};
use crate::config::Choices;
use crate::endpoint::Shared;
use crate::mdns::Member;
use crate::media::{Line, Lines};
use crate::mux::Key;
use crate::servers::Server;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) endpoint: Arc<Shared>,
    pub(crate) choices: Choices,
    /// Set by the driver when it first sees the connection.
    pub(crate) key: OnceLock<Key>,
    /// In the driver's list of connections to pull.
    pub(crate) dirty: AtomicBool,
    /// An event came, or a state changed.
    pub(crate) changed: Arc<Notify>,
    state: Mutex<State>,
    this: Weak<Self>,
}

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
    /// Who waits for a channel, for each channel that has a handle.
    waiting: BTreeMap<ChannelId, Arc<Notify>>,
    /// The same for transceivers, and where their packets go.
    pub(crate) lines: Lines,
    /// The driver has let go: the farewells are out.
    pub(super) released: bool,
    /// No `PeerConnection` is left, only channels.
    unsteered: bool,
    /// Why the endpoint ended it, if it did.
    pub(super) ended: Option<CloseReason>,
}

impl Connection {
    pub(crate) fn new(
        endpoint: Arc<Shared>,
        peer: peer::PeerConnection,
        choices: Choices,
    ) -> Arc<Self> {
        let names = Arc::clone(&endpoint.names);
        Arc::new_cyclic(|this| Self {
            endpoint,
            choices,
            key: OnceLock::new(),
            dirty: AtomicBool::new(false),
            changed: Arc::default(),
            state: Mutex::new(State {
                peer,
                choices,
                member: Member::new(choices.mdns, &names, this),
                queue: Queue::default(),
                failures: VecDeque::new(),
                sources: 1,
                relays: Vec::new(),
                unreachable: None,
                sockets: Vec::new(),
                waiting: BTreeMap::new(),
                lines: Lines::default(),
                released: false,
                unsteered: false,
                ended: None,
            }),
            this: Weak::clone(this),
        })
    }

    /// Runs a command; the driver sends what comes of it.
    pub(crate) fn command<R>(
        self: &Arc<Self>,
        command: impl FnOnce(&mut peer::PeerConnection, Instant) -> R,
    ) -> R {
        self.change(|state, now| command(&mut state.peer, now))
    }

    /// Like [`command`](Self::command), with all that the mutex guards.
    pub(crate) fn change<R>(self: &Arc<Self>, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut woken = Woken::default();
        let result = self.change_and(&mut woken, change);
        woken.wake();
        result
    }

    /// Like [`change`](Self::change), for a caller who has more to do before anybody is woken.
    pub(crate) fn change_and<R>(
        self: &Arc<Self>,
        woken: &mut Woken,
        change: impl FnOnce(&mut State, Instant) -> R,
    ) -> R {
        let result = {
            let mut state = self.lock();
            // Read behind the lock, so that a connection's time never runs backwards.
            let now = self.endpoint.clock.now();
            let result = change(&mut state, now);
            state.absorb(now, &self.changed, woken);
            result
        };
        self.endpoint.mark(self);
        result
    }

    /// Takes a datagram that has arrived; the caller marks the connection. Payloads of all
    /// connections are cut from one block.
    pub(crate) fn feed(
        &self,
        block: &mut BytesMut,
        datagram: Datagram<'_, Path>,
    ) -> Result<(), peer::Discard> {
        let mut state = self.lock();
        let now = self.endpoint.clock.now();
        core::mem::swap(state.peer.payload_block_mut(), block);
        let used = state.peer.handle_input(now, datagram);
        core::mem::swap(state.peer.payload_block_mut(), block);
        used
    }

    /// Does something with this connection on behalf of others, who go on if it panics. `None`: it
    /// has, and is over.
    pub(crate) fn isolate<R>(&self, work: impl FnOnce() -> R) -> Option<R> {
        // It is not looked into again.
        let done = catch_unwind(AssertUnwindSafe(work));
        done.inspect_err(|_| drop(self.lock())).ok()
    }

    /// Looks at something and changes nothing.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.lock())
    }

    /// Waits until `ready` yields something; it is asked again whenever `notify` fires.
    pub(crate) async fn until<R>(
        self: &Arc<Self>,
        notify: &Notify,
        mut ready: impl FnMut(&mut State, Instant) -> Option<R>,
    ) -> R {
        loop {
            // Made before the question, so that no answer slips through in between.
            let notified = notify.notified();
            if let Some(result) = self.attempt(&mut ready) {
                return result;
            }
            notified.await;
        }
    }

    /// A change that may have to wait: `None` has changed nothing, and the driver has no work.
    pub(crate) fn attempt<R>(
        self: &Arc<Self>,
        attempt: impl FnOnce(&mut State, Instant) -> Option<R>,
    ) -> Option<R> {
        let mut woken = Woken::default();
        let result = {
            let mut state = self.lock();
            let now = self.endpoint.clock.now();
            let result = attempt(&mut state, now)?;
            state.absorb(now, &self.changed, &mut woken);
            result
        };
        woken.wake();
        self.endpoint.mark(self);
        Some(result)
    }

    /// A server is of no use: the application is told.
    pub(crate) fn fail(&self, failure: IceCandidateError, woken: &mut Woken) {
        self.lock().fail(failure);
        woken.push(&self.changed);
    }

    /// The last `PeerConnection` is gone.
    pub(super) fn unsteer(self: &Arc<Self>) {
        self.change(|state, now| {
            state.unsteered = true;
            state.give_up_if_failed(now);
        });
    }

    /// The driver lets go; `reason` is why, if it is the endpoint's.
    pub(crate) fn release(&self, reason: Option<CloseReason>) {
        let mut woken = Woken::default();
        {
            let mut state = self.lock();
            let now = self.endpoint.clock.now();
            state.peer.close(now);
            state.released = true;
            if state.ended.is_none() {
                state.ended = reason;
            }
            state.absorb(now, &self.changed, &mut woken);
            for waiting in core::mem::take(&mut state.waiting).values() {
                woken.push(waiting);
            }
            state.lines.wake_all(&mut woken);
            woken.push(&self.changed);
        }
        woken.wake();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            state.abandon(self.endpoint.clock.now());
            self.state.clear_poison();
            // Who waits for it is woken when the driver lets go.
            if let Some(this) = self.this.upgrade() {
                self.endpoint.panicked(&this);
            }
            state
        })
    }

    /// Somebody has panicked who held the mutex, and nobody has locked it since.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.state.is_poisoned()
    }

    /// True: it was not marked before.
    pub(crate) fn set_dirty(&self) -> bool {
        !self.dirty.swap(true, Ordering::AcqRel)
    }
}

impl State {
    /// Failures that wait for the application. Servers are its own choice; but it may never ask.
    const MAX_FAILURES: usize = 64;

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

    fn fail(&mut self, failure: IceCandidateError) {
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

    /// A call into it has panicked: what it knew is not to be trusted.
    fn abandon(&mut self, now: Instant) {
        self.peer.abandon(now);
        self.sockets.clear();
        self.ended.get_or_insert(CloseReason::Panicked);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.released || self.peer.close_reason().is_some()
    }

    fn give_up_if_failed(&mut self, now: Instant) {
        if self.unsteered && self.peer.connection_state() == ConnectionState::Failed {
            self.peer.close(now);
        }
    }
}
