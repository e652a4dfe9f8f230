//! The client's struct, its commands and getters, and the contract of machines.

use core::net::{IpAddr, SocketAddr};
use std::collections::{HashMap, VecDeque};

use foldhash::fast::FixedState;
use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit, Transport};
use stun::{AttributeError, Schedule, long_term};

use super::channel::Channel;
use super::connection::Connection;
use super::permission::Permission;
use super::request::{Kind, Request};
use super::{CloseReason, Config, Discard, Event, State};
use crate::AddressFamily;
use crate::attribute::ChannelNumber;

/// Why a peer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// There are so many already.
    #[error("{0} peers already")]
    TooMany(usize),
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
}

/// An allocation on a TURN server: it is asked for at once, and kept until [`close`](Self::close).
///
/// What peers send comes through [`unwrap`](Self::unwrap), what they are to be sent goes through
/// [`wrap`](Self::wrap), both in the caller's buffer. Over TCP and TLS the shell cuts the stream into
/// frames (`stun::stream::Deframer`); what the client writes there is padded already.
#[derive(Debug)]
pub struct Client {
    pub(super) config: Config,
    pub(super) path: Path,
    pub(super) rng: Box<dyn Rng>,
    pub(super) credentials: long_term::Client,
    /// Those before a rotation, until the new ones have been accepted.
    pub(super) previous: Option<long_term::Client>,
    pub(super) state: State,
    pub(super) relayed: [Option<SocketAddr>; 2],
    pub(super) refused_family: Option<(AddressFamily, u16)>,
    pub(super) mapped: Option<SocketAddr>,
    pub(super) ticket: Option<Box<[u8]>>,
    /// When the ticket was last used because the server did not know our 5-tuple.
    pub(super) found_again: Option<Instant>,
    /// Whether the server is asked for DONT-FRAGMENT, and has not said that it cannot.
    pub(super) dont_fragment: bool,
    /// Whether the server is asked for a ticket.
    pub(super) mobility: bool,
    pub(super) refresh_at: Option<Instant>,
    pub(super) expires: Instant,
    pub(super) requests: Vec<Request>,
    pub(super) permissions: HashMap<IpAddr, Permission, FixedState>,
    /// The addresses of `permissions` in the order in which they came.
    pub(super) permitted: Vec<IpAddr>,
    /// Channel `0x4000 + i` at index `i`.
    pub(super) channels: Vec<Channel>,
    pub(super) channel_of: HashMap<SocketAddr, ChannelNumber, FixedState>,
    pub(super) connections: Vec<Connection>,
    pub(super) events: VecDeque<Event>,
    pub(super) visited: Vec<SocketAddr>,
    /// The head of an indication, while it is built.
    pub(super) scratch: Vec<u8>,
}

impl Client {
    /// A client whose first request is due. `path` leads from a socket of its own to the server:
    /// a server knows an allocation by its 5-tuple.
    ///
    /// # Errors
    ///
    /// The name has more than 508 bytes.
    pub fn new(
        now: Instant,
        path: Path,
        config: Config,
        (username, password): (&str, &str),
        mut rng: Box<dyn Rng>,
    ) -> Result<Self, AttributeError> {
        let credentials = long_term::Client::new(username, password)?;
        // Names of peers come from signalling: their hash is seeded.
        let seed = rng.next_u64();
        let mut client = Self {
            dont_fragment: config.dont_fragment,
            mobility: config.mobility,
            config,
            path,
            rng,
            credentials,
            previous: None,
            state: State::Allocating,
            relayed: [None; 2],
            refused_family: None,
            mapped: None,
            ticket: None,
            found_again: None,
            refresh_at: None,
            expires: now,
            requests: Vec::new(),
            permissions: HashMap::with_hasher(FixedState::with_seed(seed)),
            permitted: Vec::new(),
            channels: Vec::new(),
            channel_of: HashMap::with_hasher(FixedState::with_seed(seed)),
            connections: Vec::new(),
            events: VecDeque::new(),
            visited: vec![path.remote],
            scratch: Vec::new(),
        };
        client.ask(now, Kind::Allocate);
        Ok(client)
    }

    /// Other credentials for what is asked from now on, such as time-limited ones that are about to
    /// expire. If the server refuses them for this allocation, the ones before are used again.
    ///
    /// # Errors
    ///
    /// The name has more than 508 bytes. The old ones are kept.
    pub fn set_credentials(
        &mut self,
        username: &str,
        password: &str,
    ) -> Result<(), AttributeError> {
        let before = self.credentials.clone();
        self.credentials.replace(username, password)?;
        self.previous = Some(before);
        Ok(())
    }

    /// Where the client is.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The 5-tuple to the server.
    pub const fn path(&self) -> Path {
        self.path
    }

    /// The relayed address of this family.
    pub const fn relayed(&self, family: AddressFamily) -> Option<SocketAddr> {
        self.relayed[family as usize]
    }

    /// Of two families that were asked for, the one that was refused, and the code.
    pub const fn refused_family(&self) -> Option<(AddressFamily, u16)> {
        self.refused_family
    }

    /// The address at which the server sees this client: a server-reflexive candidate.
    pub const fn mapped(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// Whether the allocation can move to another 5-tuple.
    pub const fn is_mobile(&self) -> bool {
        self.ticket.is_some()
    }

    /// When the allocation ends if no refresh comes through.
    pub fn expires(&self) -> Option<Instant> {
        (self.state == State::Allocated).then_some(self.expires)
    }

    /// RFC 8489 §6.2.2: over TCP and TLS nothing is sent twice.
    pub(super) fn schedule(&self) -> Schedule {
        match self.path.transport {
            Transport::Udp | Transport::Dtls => self.config.schedule,
            Transport::Tcp | Transport::Tls => Schedule::RELIABLE,
        }
    }

    pub(super) fn end(&mut self, reason: CloseReason) {
        self.state = State::Closed;
        self.requests.clear();
        self.connections.clear();
        self.refresh_at = None;
        self.events.push_back(Event::Closed(reason));
    }
}

impl Machine for Client {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    /// Takes what the server says to this client. Data of a peer has nowhere to go here: see
    /// [`unwrap`](Client::unwrap).
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        match self.unwrap(now, input)? {
            None => Ok(()),
            Some(data) => Err(Discard::Data(data.peer)),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.expire_requests(now);
        if self.state == State::Allocated {
            if self.expires <= now {
                self.end(CloseReason::Expired);
            } else {
                self.refresh_if_due(now);
                self.renew_permissions(now);
                self.renew_channels(now);
                self.free_channels(now);
                self.expire_connections(now);
            }
        }
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        self.compose(now);
        let mut requests = self.requests.iter_mut();
        let index = requests.position(|request| request.transaction.poll_transmit(now))?;
        let request = &self.requests[index];
        buf.extend_from_slice(&request.bytes);
        let (path, len) = (self.path_of(&request.kind), request.bytes.len());
        Some(Transmit::new(path, len))
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let requests = self.requests.iter().map(|request| request.transaction.poll_timeout());
        if self.state != State::Allocated {
            return requests.min();
        }
        let permissions = self.permitted.iter().filter_map(|ip| self.permissions.get(ip)?.due());
        let channels = self.channels.iter().filter_map(Channel::due);
        let kept = [self.refresh_at, Some(self.expires), self.next_connection()];
        let kept = kept.into_iter().flatten();
        requests.chain(permissions).chain(channels).chain(kept).min()
    }
}
