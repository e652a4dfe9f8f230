//! The server's struct, its getters, and the contract of machines.

use core::cmp::Reverse;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

use foldhash::fast::FixedState;
use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit};
use stun::AttributeError;
use stun::long_term::{self, Features};

use super::allocation::{Allocation, AllocationId, Stage, Ticket};
use super::limit::Strangers;
use super::relay::Reservation;
use super::tcp::Connection;
use super::{Accounts, Config, Discard, Event, Relay, Stats, peers};
use crate::attribute::{ConnectionId, ReservationToken};

pub(super) type Map<K, V> = HashMap<K, V, FixedState>;

/// What is due at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Allocation(AllocationId),
    Reservation([u8; 8]),
    Connection(u32),
}

/// A TURN server, and the STUN server that it is by the way.
///
/// The shell hands every datagram of its sockets to [`forward`](Self::forward), those of relay
/// sockets too, and sends what that has appended; it opens and closes relay sockets as
/// [`Event`]s say.
#[derive(Debug)]
pub struct Server {
    pub(super) config: Config,
    pub(super) accounts: Box<dyn Accounts>,
    pub(super) rng: Box<dyn Rng>,
    pub(super) credentials: long_term::Server,
    pub(super) seed: u64,
    pub(super) next_id: u64,
    pub(super) allocations: Map<AllocationId, Allocation>,
    pub(super) by_client: Map<Path, AllocationId>,
    pub(super) by_relay: Map<Relay, AllocationId>,
    pub(super) by_ticket: Map<Ticket, AllocationId>,
    pub(super) per_user: Map<Box<str>, usize>,
    pub(super) reservations: Map<ReservationToken, Reservation>,
    /// The addresses of `reservations`.
    pub(super) reserved: HashSet<SocketAddr, FixedState>,
    pub(super) connections: Map<ConnectionId, Connection>,
    pub(super) timers: BinaryHeap<Reverse<(Instant, Due)>>,
    pub(super) strangers: Strangers,
    pub(super) events: VecDeque<Event>,
    /// Responses that had to wait for the shell.
    pub(super) responses: VecDeque<(Path, Vec<u8>)>,
    queue: VecDeque<Transmit<Path>>,
    /// The bytes of the queue, oldest first, behind those that were taken.
    queued: Vec<u8>,
    taken: usize,
    pub(super) stats: Stats,
}

impl Server {
    /// A server without allocations.
    ///
    /// # Errors
    ///
    /// The realm has more than 763 bytes.
    pub fn new(
        config: Config,
        accounts: Box<dyn Accounts>,
        mut rng: Box<dyn Rng>,
    ) -> Result<Self, AttributeError> {
        let algorithms = config.password_algorithms.then_some(Features::PASSWORD_ALGORITHMS);
        let anonymity = config.username_anonymity.then_some(Features::USERNAME_ANONYMITY);
        let features = algorithms.unwrap_or_default().with(anonymity.unwrap_or_default());
        let credentials =
            long_term::Server::new(&config.realm, features, config.nonce_lifetime, &mut *rng)?;
        let seed = rng.next_u64();
        Ok(Self {
            config,
            accounts,
            credentials,
            strangers: Strangers::new(rng.next_u64()),
            rng,
            seed,
            next_id: 0,
            allocations: map(seed),
            by_client: map(seed),
            by_relay: map(seed),
            by_ticket: map(seed),
            per_user: map(seed),
            reservations: map(seed),
            reserved: HashSet::with_hasher(FixedState::with_seed(seed)),
            connections: map(seed),
            timers: BinaryHeap::new(),
            events: VecDeque::new(),
            responses: VecDeque::new(),
            queue: VecDeque::new(),
            queued: Vec::new(),
            taken: 0,
            stats: Stats::default(),
        })
    }

    /// What it has done so far.
    pub fn stats(&self) -> Stats {
        Stats { allocations: self.allocations.len() as u64, ..self.stats }
    }

    /// How many allocations a user has.
    pub fn allocations_of(&self, identity: &str) -> usize {
        self.per_user.get(identity).copied().unwrap_or_default()
    }

    /// Whether there is an allocation at this 5-tuple, or one is being made.
    pub fn has_allocation(&self, client: Path) -> bool {
        self.by_client.contains_key(&client)
    }

    /// The client's connection is closed. Its allocation ends with it, unless it may move.
    pub fn handle_closed(&mut self, client: Path) {
        let Some(id) = self.by_client.get(&client).copied() else { return };
        // Who has not got the answer yet has no ticket either.
        let mobile = |it: &&mut Allocation| it.is_open() && it.tickets[0].is_some();
        match self.allocations.get_mut(&id).filter(mobile) {
            Some(allocation) => {
                allocation.stage = Stage::Away;
                self.by_client.remove(&client);
            }
            None => self.release(id),
        }
    }

    pub(super) fn unix(&self, now: Instant) -> Duration {
        self.config.unix_at_zero + (now - Instant::ZERO)
    }

    /// Whether this is an address of this host, in whatever disguise.
    pub(super) fn is_own(&self, ip: IpAddr) -> bool {
        let ip = peers::embedded(ip);
        let is_relay = |relay: &super::RelayAddress| relay.local == ip || relay.announced == ip;
        self.config.own.contains(&ip) || self.config.relays.iter().any(is_relay)
    }

    /// The address that others see of one of ours.
    pub(super) fn announced(&self, local: SocketAddr) -> SocketAddr {
        let relay = self.config.relays.iter().find(|relay| relay.local == local.ip());
        SocketAddr::new(relay.map_or(local.ip(), |relay| relay.announced), local.port())
    }

    pub(super) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }
}

pub(super) fn map<K, V>(seed: u64) -> Map<K, V> {
    HashMap::with_hasher(FixedState::with_seed(seed))
}

impl Machine for Server {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    /// Takes a datagram, and keeps what is to be sent for it until it is polled. A shell that is in
    /// a hurry calls [`forward`](Server::forward) instead.
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        if self.queue.len() >= self.config.max_queued {
            return Err(Discard::Busy(self.queue.len()));
        }
        let mut queued = core::mem::take(&mut self.queued);
        queued.drain(..core::mem::take(&mut self.taken));
        let outcome = self.forward(now, input, &mut queued);
        self.queued = queued;
        if let Some(transmit) = outcome? {
            self.queue.push_back(transmit);
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(&Reverse((at, due))) = self.timers.peek()
            && at <= now
        {
            self.timers.pop();
            match due {
                Due::Allocation(id) => self.expire_allocation(now, at, id),
                Due::Reservation(token) => self.expire_reservation(now, ReservationToken(token)),
                Due::Connection(id) => self.expire_connection(now, ConnectionId(id)),
            }
        }
    }

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        if let Some((path, bytes)) = self.responses.pop_front() {
            buf.extend_from_slice(&bytes);
            return Some(Transmit::new(path, bytes.len()));
        }
        let transmit = self.queue.pop_front()?;
        let end = self.taken + transmit.len;
        buf.extend_from_slice(&self.queued[self.taken..end]);
        self.taken = end;
        Some(transmit)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }
}
