//! TCP connections to and from peers, RFC 6062.
//!
//! ```text
//! client                          server                        peer
//!   Connect(peer) ─────────────────►  ── SYN ──────────────────►
//!   ◄───────────────── CONNECTION-ID  ◄───────────────────────
//!   … or …                            ◄────────────────── SYN ──
//!   ◄─ ConnectionAttempt(ID, peer) ──
//!   another connection:
//!   ConnectionBind(ID) ────────────►
//!   ◄──────────────────────── granted
//!   ◄═════════════════ bytes ═════════════════════════════════►
//! ```

use core::cmp::Reverse;
use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Path, Transport};
use stun::long_term::Authenticated;
use stun::{Class, ErrorCode, MessageBuilder, Method, TransactionId};

use super::allocation::AllocationId;
use super::machine::Due;
use super::request::{Asked, Outcome};
use super::{Event, Relay, Server};
use crate::attribute::{ConnectionId, XorPeerAddress};

/// How long a peer's connection waits for the client's, and the client for the peer's: RFC 6062
/// §5.2 and §5.3 say 30 s at least.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a peer.
#[derive(Debug)]
pub(super) struct Connection {
    allocation: AllocationId,
    peer: SocketAddr,
    stage: Stage,
    expires: Instant,
}

#[derive(Debug)]
enum Stage {
    /// The shell connects, for this request.
    Connecting { client: Path, request: TransactionId, user: Box<Authenticated> },
    /// It stands, and waits for the client's.
    Waiting,
    /// Bytes go to and fro.
    Joined,
}

/// Which way bytes of a connection go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    /// From the client to the peer.
    Peer,
    /// From the peer to the client.
    Client,
}

impl Server {
    pub(super) fn connect<'o>(&mut self, now: Instant, asked: &Asked<'_>) -> Outcome<'o> {
        let Some(id) = self.open_allocation(asked) else {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        };
        let Ok(Some(XorPeerAddress(peer))) = asked.message.get() else {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        };
        if let Err(code) = self.may_reach(id, peer.ip()) {
            return Outcome::Refused(code);
        }
        let relay =
            self.allocations.get(&id).and_then(|allocation| allocation.relay_for(peer.ip()));
        let Some(Relay { local, transport: Transport::Tcp }) = relay else {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        };
        let Some(remote) = self.reach(peer, Transport::Tcp) else {
            return Outcome::Refused(ErrorCode::FORBIDDEN);
        };
        if let Some(before) = self.connection_to(id, peer) {
            // A retransmission, over a stream, is somebody's bug; another request is a second one.
            return match &before.stage {
                Stage::Connecting { request, .. } if *request == asked.message.transaction_id() => {
                    Outcome::Later
                }
                _ => Outcome::Refused(ErrorCode::CONNECTION_ALREADY_EXISTS),
            };
        }
        let (client, request) = (asked.path, asked.message.transaction_id());
        let stage = Stage::Connecting { client, request, user: Box::new(asked.user.clone()) };
        match self.add_connection(now, id, peer, stage) {
            Some(id) => self.events.push_back(Event::Connect { id, local, peer: remote }),
            None => return Outcome::Refused(ErrorCode::INSUFFICIENT_CAPACITY),
        }
        Outcome::Later
    }

    /// The connection that [`Event::Connect`] wanted stands.
    pub fn handle_connected(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            self.events.push_back(Event::Disconnect(id));
            return;
        };
        connection.expires = now + PATIENCE;
        let before = core::mem::replace(&mut connection.stage, Stage::Waiting);
        if let Stage::Connecting { client, request, user } = before {
            self.timers.push(Reverse((now + PATIENCE, Due::Connection(id.0))));
            self.say(client, |out| {
                let (class, method) = (Class::SuccessResponse, Method::CONNECT);
                user.seal(MessageBuilder::new(out, class, method, request).attribute(&id));
            });
        }
    }

    /// A connection to a peer could not be made, or is closed.
    pub fn handle_disconnected(&mut self, id: ConnectionId) {
        let Some(connection) = self.forget_connection(id) else { return };
        if let Stage::Connecting { client, request, user } = connection.stage {
            self.say(client, |out| {
                let (class, method) = (Class::ErrorResponse, Method::CONNECT);
                let response = MessageBuilder::new(out, class, method, request);
                user.seal(response.attribute(&ErrorCode::CONNECTION_TIMEOUT_OR_FAILURE));
            });
        }
    }

    /// Bytes have come on one end of a joined connection. Returns how long the shell keeps them
    /// before they go on to the other end, and meanwhile reads no more there: the allocation stays
    /// within its bandwidth. `None`: they go nowhere, the connection is no longer joined.
    pub fn handle_bytes(
        &mut self,
        now: Instant,
        id: ConnectionId,
        toward: Toward,
        count: usize,
    ) -> Option<Duration> {
        let joined = |connection: &&Connection| matches!(connection.stage, Stage::Joined);
        let connection = self.connections.get(&id).filter(joined)?;
        let allocation = self.allocations.get_mut(&connection.allocation)?;
        let count = count as u64;
        match toward {
            Toward::Peer => self.stats.stream_bytes_to_peers += count,
            Toward::Client => self.stats.stream_bytes_to_clients += count,
        }
        let limit = self.config.bandwidth;
        Some(limit.map_or(Duration::ZERO, |limit| allocation.bandwidth.borrow(now, count, limit)))
    }

    /// A peer has connected to a relay socket. `None`: it has no permission, and the shell closes
    /// the connection (RFC 6062 §5.3).
    pub fn handle_accepted(
        &mut self,
        now: Instant,
        relay: Relay,
        peer: SocketAddr,
    ) -> Option<ConnectionId> {
        // Another client of ours is known by the address that it was told.
        let peer = self.announced(SocketAddr::new(peer.ip().to_canonical(), peer.port()));
        let id = *self.by_relay.get(&relay)?;
        let allocation = self.allocations.get(&id)?;
        let permitted = allocation.is_open() && allocation.is_permitted(now, peer.ip());
        if !permitted || self.connection_to(id, peer).is_some() {
            return None;
        }
        let client = allocation.client;
        let connection = self.add_connection(now, id, peer, Stage::Waiting)?;
        let transaction = TransactionId::random(&mut *self.rng);
        self.say(client, |out| {
            MessageBuilder::indication(out, Method::CONNECTION_ATTEMPT, transaction)
                .attribute(&connection)
                .attribute(&XorPeerAddress(peer));
        });
        Some(connection)
    }

    pub(super) fn connection_bind<'o>(
        &mut self,
        asked: &Asked<'_>,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        let Ok(Some(id)) = asked.message.get::<ConnectionId>() else {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        };
        // RFC 6062 §5.4: over a stream of its own, which has no allocation.
        let alone = asked.path.transport.is_stream() && !self.by_client.contains_key(&asked.path);
        let identity = self.accounts.identity(&asked.user.username);
        let mine = |connection: &Connection| {
            let allocation = self.allocations.get(&connection.allocation);
            allocation.is_some_and(|allocation| *allocation.identity == *identity)
        };
        let known = self.connections.get(&id).is_some_and(mine);
        match self.connections.get_mut(&id).filter(|_| alone && known) {
            Some(connection) if matches!(connection.stage, Stage::Waiting) => {
                connection.stage = Stage::Joined;
                self.stats.joined += 1;
                self.events.push_back(Event::Joined { id, client: asked.path });
                Outcome::Granted(response)
            }
            _ => Outcome::Refused(ErrorCode::BAD_REQUEST),
        }
    }

    pub(super) fn expire_connection(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        if connection.expires <= now && !matches!(connection.stage, Stage::Joined) {
            self.handle_disconnected(id);
            self.events.push_back(Event::Disconnect(id));
        }
    }

    fn connection_to(&self, id: AllocationId, peer: SocketAddr) -> Option<&Connection> {
        let ids = &self.allocations.get(&id)?.connections;
        // At most `max_connections`.
        ids.iter().filter_map(|id| self.connections.get(id)).find(|other| other.peer == peer)
    }

    fn add_connection(
        &mut self,
        now: Instant,
        allocation: AllocationId,
        peer: SocketAddr,
        stage: Stage,
    ) -> Option<ConnectionId> {
        let id = ConnectionId(self.rng.next_u32());
        let owner = self.allocations.get_mut(&allocation)?;
        if owner.connections.len() >= self.config.max_connections
            || self.connections.contains_key(&id)
        {
            return None;
        }
        owner.connections.push(id);
        let expires = now + PATIENCE;
        self.timers.push(Reverse((expires, Due::Connection(id.0))));
        self.connections.insert(id, Connection { allocation, peer, stage, expires });
        Some(id)
    }

    fn forget_connection(&mut self, id: ConnectionId) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        if let Some(owner) = self.allocations.get_mut(&connection.allocation) {
            owner.connections.retain(|one| *one != id);
        }
        Some(connection)
    }
}
