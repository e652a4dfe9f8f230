//! TCP connections to and from peers, RFC 6062: each has a connection to the server of its own, which
//! the shell opens, and which then carries the peer's bytes.
//!
//! ```text
//! client                          server
//!   Connect(peer) ──────────────►           … or a peer comes:
//!   ◄──────────────── CONNECTION-ID         ◄── ConnectionAttempt(CONNECTION-ID, peer)
//!   Event::ConnectionWanted ─► the shell connects to the server once more ─► handle_opened
//!   on that: ConnectionBind ────►
//!   ◄─────────────────── success  Event::Connected: from here on the stream is the peer's
//! ```

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Path};
use stun::Message;

use super::request::Kind;
use super::{Client, Discard, Event, PeerError, State};
use crate::attribute::{ConnectionId, RequestedTransport, XorPeerAddress};

/// How long the server keeps a peer's connection for ours: at least 30 s (RFC 6062 §5.2, §5.3). What
/// has not been opened by then is in vain.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is relayed between the server and peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relaying {
    /// Datagrams: UDP.
    #[default]
    Datagrams,
    /// Connections: TCP (RFC 6062). The server is to be reached over TCP or TLS, or it refuses.
    Connections,
}

impl Relaying {
    pub(super) const fn requested(self) -> RequestedTransport {
        match self {
            Self::Datagrams => RequestedTransport::UDP,
            Self::Connections => RequestedTransport::TCP,
        }
    }
}

/// A connection to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// To be asked for.
    Wanted,
    /// The server connects to the peer.
    Asked,
    /// The shell is to open one to the server, by this time.
    Opening { id: ConnectionId, until: Instant },
    /// The two are being joined.
    Binding { id: ConnectionId, path: Path },
    /// Bytes go to and fro.
    Joined { id: ConnectionId },
}

impl Stage {
    const fn id(&self) -> Option<ConnectionId> {
        match self {
            Self::Wanted | Self::Asked => None,
            Self::Opening { id, .. } | Self::Binding { id, .. } | Self::Joined { id } => Some(*id),
        }
    }
}

impl Client {
    /// Has the server connect to this peer, now or as soon as there is an allocation, which was to
    /// be of [`Relaying::Connections`]. No permission is needed. [`Event::ConnectionWanted`] or
    /// [`Event::ConnectionRefused`] is the answer.
    ///
    /// # Errors
    ///
    /// There are [`Config::max_connections`](super::Config::max_connections) already, one of them
    /// with this peer perhaps: the server takes no second one. Or the client is closed.
    pub fn connect(&mut self, peer: SocketAddr) -> Result<(), PeerError> {
        let (count, full) = (self.connections.len(), PeerError::TooMany(self.connections.len()));
        if matches!(self.state, State::Closing | State::Closed) {
            return Err(PeerError::Closed);
        }
        let known = self.connections.iter().any(|connection| connection.peer == peer);
        if count >= self.config.max_connections || known {
            return Err(full);
        }
        self.connections.push(Connection { peer, stage: Stage::Wanted });
        Ok(())
    }

    /// The connection to the server that [`Event::ConnectionWanted`] asked for stands, on a 5-tuple
    /// of its own. False: it is no longer wanted, and the shell closes it.
    pub fn handle_opened(&mut self, now: Instant, id: ConnectionId, path: Path) -> bool {
        let known =
            |it: &&mut Connection| matches!(it.stage, Stage::Opening { id: one, .. } if one == id);
        let Some(connection) = self.connections.iter_mut().find(known) else { return false };
        connection.stage = Stage::Binding { id, path };
        self.ask(now, Kind::Join(id));
        true
    }

    /// A connection could not be opened, or is closed, by whichever side. Who has been told so asks
    /// for another one if it is wanted.
    pub fn handle_closed(&mut self, id: ConnectionId) {
        self.connections.retain(|connection| connection.stage.id() != Some(id));
        self.requests.retain(|request| request.kind != Kind::Join(id));
    }

    /// Makes requests of what is wanted.
    pub(super) fn ask_for_connections(&mut self, now: Instant) {
        for index in 0..self.connections.len() {
            if self.connections[index].stage == Stage::Wanted {
                self.connections[index].stage = Stage::Asked;
                self.ask(now, Kind::Connect(self.connections[index].peer));
            }
        }
    }

    /// The server has connected to the peer.
    pub(super) fn connected(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        response: &Message<'_>,
    ) -> Result<(), Discard> {
        let id: ConnectionId = response.get()?.ok_or(Discard::Incomplete)?;
        let asked = |it: &&mut Connection| it.peer == peer && it.stage == Stage::Asked;
        if let Some(connection) = self.connections.iter_mut().find(asked) {
            connection.stage = Stage::Opening { id, until: now + PATIENCE };
            self.events.push_back(Event::ConnectionWanted { id, peer });
        }
        Ok(())
    }

    /// A peer has connected to the server, RFC 6062 §4.4.
    pub(super) fn attempted(&mut self, now: Instant, message: &Message<'_>) -> Result<(), Discard> {
        let id: ConnectionId = message.get()?.ok_or(Discard::Incomplete)?;
        let XorPeerAddress(peer) = message.get()?.ok_or(Discard::Incomplete)?;
        // An indication is signed by nobody: what does not fit together is not believed.
        let expected = self.state == State::Allocated
            && self.config.relaying == Relaying::Connections
            && self.permissions.contains_key(&peer.ip());
        let known = |it: &Connection| it.peer == peer || it.stage.id() == Some(id);
        if !expected || self.connections.iter().any(known) {
            return Err(Discard::Peer(peer));
        }
        if self.connections.len() >= self.config.max_connections {
            return Err(Discard::Connections(self.connections.len()));
        }
        let stage = Stage::Opening { id, until: now + PATIENCE };
        self.connections.push(Connection { peer, stage });
        self.events.push_back(Event::ConnectionWanted { id, peer });
        Ok(())
    }

    /// The server does not connect to the peer, or nobody answers.
    pub(super) fn connection_refused(&mut self, peer: SocketAddr, code: Option<u16>) {
        let asked = |it: &Connection| it.peer == peer && it.stage == Stage::Asked;
        if let Some(index) = self.connections.iter().position(asked) {
            self.connections.remove(index);
            self.events.push_back(Event::ConnectionRefused { peer, code });
        }
    }

    /// The two connections are one.
    pub(super) fn joined(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connection_mut(id)
            && let Stage::Binding { path, .. } = connection.stage
        {
            connection.stage = Stage::Joined { id };
            let peer = connection.peer;
            self.events.push_back(Event::Connected { id, peer, path });
        }
    }

    pub(super) fn not_joined(&mut self, id: ConnectionId, code: Option<u16>) {
        if let Some(connection) = self.connection_mut(id) {
            let peer = connection.peer;
            self.connections.retain(|connection| connection.stage.id() != Some(id));
            self.events.push_back(Event::ConnectionRefused { peer, code });
        }
    }

    pub(super) fn expire_connections(&mut self, now: Instant) {
        for index in (0..self.connections.len()).rev() {
            let Connection { peer, stage } = self.connections[index];
            if matches!(stage, Stage::Opening { until, .. } if until <= now) {
                self.connections.remove(index);
                self.events.push_back(Event::ConnectionRefused { peer, code: None });
            }
        }
    }

    /// When the first of those that wait for the shell has waited in vain.
    pub(super) fn next_connection(&self) -> Option<Instant> {
        let until = |it: &Connection| match it.stage {
            Stage::Opening { until, .. } => Some(until),
            _ => None,
        };
        self.connections.iter().filter_map(until).min()
    }

    /// On which 5-tuple a request travels: joining is asked for on the connection that is joined.
    pub(super) fn path_of(&self, kind: &Kind) -> Path {
        let joining = |it: &Connection| match (kind, it.stage) {
            (Kind::Join(wanted), Stage::Binding { id, path }) if *wanted == id => Some(path),
            _ => None,
        };
        self.connections.iter().find_map(joining).unwrap_or(self.path)
    }

    /// Whether something is being joined on this 5-tuple.
    pub(super) fn is_joining(&self, path: Path) -> bool {
        let on =
            |it: &Connection| matches!(it.stage, Stage::Binding { path: one, .. } if one == path);
        self.connections.iter().any(on)
    }

    /// With the allocation its connections are gone. Wishes that were not fulfilled remain.
    pub(super) fn forget_connections(&mut self) {
        self.connections.retain(|it| it.stage.id().is_none());
        for connection in &mut self.connections {
            connection.stage = Stage::Wanted;
        }
    }

    fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.stage.id() == Some(id))
    }
}
