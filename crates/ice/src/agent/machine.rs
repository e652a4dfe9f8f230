//! The agent: its struct, its getters, the contract of machines.

use std::collections::VecDeque;

use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit};
use stun::{Class, Message, Method, TransactionId};

use crate::agent::consent::Consent;
use crate::agent::gather::Local;
use crate::agent::generation::Generation;
use crate::agent::pair::{CandidateId, Pair, PairId};
use crate::agent::relays::Relay;
use crate::agent::request::Response;
use crate::agent::slot::Slot;
use crate::agent::streams::Stream;
use crate::agent::timer::Timers;
use crate::{
    Candidate, CandidateKind, CandidatePair, CandidateStats, Config, Counters, Credentials,
    Discard, Event, GatheringState, Implementation, Role, Route, SocketId, State, Traffic,
};

/// Finds a path to the other side, and keeps it.
///
/// * **Commands**: [`set_role`](Self::set_role), [`add_local_candidate`](Self::add_local_candidate),
///   [`add_hidden_candidate`](Self::add_hidden_candidate),
///   [`add_server_reflexive_candidate`](Self::add_server_reflexive_candidate),
///   [`add_tcp_candidate`](Self::add_tcp_candidate), [`add_relay`](Self::add_relay),
///   [`set_relay_credentials`](Self::set_relay_credentials),
///   [`remove_local_candidate`](Self::remove_local_candidate),
///   [`remove_server_reflexive_candidate`](Self::remove_server_reflexive_candidate),
///   [`end_of_local_candidates`](Self::end_of_local_candidates),
///   [`set_remote_credentials`](Self::set_remote_credentials),
///   [`add_remote_candidate`](Self::add_remote_candidate), [`resolve_name`](Self::resolve_name),
///   [`remove_remote_candidate`](Self::remove_remote_candidate),
///   [`end_of_remote_candidates`](Self::end_of_remote_candidates),
///   [`set_remote_implementation`](Self::set_remote_implementation),
///   [`set_remote_renomination`](Self::set_remote_renomination), [`restart`](Self::restart),
///   [`close`](Self::close); for data [`unwrap`](Self::unwrap) and [`wrap`](Self::wrap); for
///   what rides in checks [`set_embedding`](Self::set_embedding),
///   [`begin_flight`](Self::begin_flight), [`embed`](Self::embed),
///   [`poll_embedded`](Self::poll_embedded), [`acknowledge`](Self::acknowledge).
/// * **Input and output**: [`Machine`]. Everything goes to `unwrap` first, and what comes out of it
///   and is STUN to `handle_input`. Sockets that it asks for: [`handle_opened`](Self::handle_opened),
///   [`handle_closed`](Self::handle_closed), [`handle_stream_closed`](Self::handle_stream_closed).
#[derive(Debug)]
pub struct Agent {
    pub(super) config: Config,
    pub(super) rng: Box<dyn Rng>,
    pub(super) role: Role,
    /// The one that the shell has set: it may be bound to another.
    pub(super) assigned_role: Role,
    /// Settles role conflicts, RFC 8445 §7.3.1.1.
    pub(super) tie_breaker: u64,
    pub(super) remote_implementation: Implementation,
    /// The other side follows numbered nominations.
    pub(super) remote_renominates: bool,
    pub(super) state: State,
    pub(super) gathering: GatheringState,
    /// The shell has no more candidates.
    pub(super) gathered: bool,
    pub(super) locals: Vec<Local>,
    pub(super) relays: Vec<Relay>,
    /// Of active TCP candidates.
    pub(super) streams: Vec<Stream>,
    pub(super) current: Generation,
    /// Before the last restart: its path is in use until the current one has its own.
    pub(super) previous: Option<Generation>,
    /// Where application data goes, `current`'s or `previous`' pair in use.
    pub(super) route: Option<Route>,
    /// When the other side last gave a sign of life on the route.
    pub(super) last_heard: Instant,
    /// When application data last came on the route, until it counts as stopped.
    pub(super) last_data: Option<Instant>,
    /// When it last stopped, and the other side was asked whether it is there.
    pub(super) doubted: Option<Instant>,
    /// The other side has fallen silent on the pair in use: others are looked for.
    pub(super) is_searching: bool,
    /// Before this, no further ordinary check.
    pub(super) next_ordinary: Instant,
    pub(super) responses: VecDeque<Response>,
    /// Datagrams of others.
    pub(super) slot: Slot,
    pub(super) events: VecDeque<Event>,
    pub(super) timers: Timers,
    pub(super) counters: Counters,
    /// Data on the route, not yet entered into its pair.
    pub(super) traffic: Traffic,
    /// The last id of a candidate, pair or foundation.
    pub(super) last_id: u32,
}

impl Agent {
    /// An agent without candidates, controlled for the time being. It draws its credentials.
    pub fn new(config: Config, mut rng: Box<dyn Rng>) -> Self {
        Self {
            config,
            role: Role::Controlled,
            assigned_role: Role::Controlled,
            tie_breaker: rng.next_u64(),
            remote_implementation: Implementation::Full,
            remote_renominates: false,
            state: State::New,
            gathering: GatheringState::New,
            gathered: false,
            locals: Vec::new(),
            relays: Vec::new(),
            streams: Vec::new(),
            current: Generation::new(Credentials::random(&mut *rng)),
            previous: None,
            route: None,
            last_heard: Instant::ZERO,
            last_data: None,
            doubted: None,
            is_searching: false,
            next_ordinary: Instant::ZERO,
            responses: VecDeque::new(),
            slot: Slot::default(),
            events: VecDeque::new(),
            timers: Timers::default(),
            counters: Counters::default(),
            traffic: Traffic::default(),
            last_id: 0,
            rng,
        }
    }

    /// Ends everything at once and silently: the other side notices that consent expires, unless
    /// an inner protocol says goodbye. What is left to be pulled gives relays their allocations
    /// back; sockets of the agent's own are to be closed after that.
    pub fn close(&mut self, now: Instant) {
        if self.state != State::Closed {
            self.set_state(State::Closed);
            self.current.conclude(None);
            self.current.consent = Consent::default();
            (self.previous, self.route) = (None, None);
            self.responses.clear();
            self.slot = Slot::default();
            self.timers = Timers::default();
            self.close_relays(now);
        }
    }

    /// Our credentials, to be signalled.
    pub const fn local_credentials(&self) -> &Credentials {
        &self.current.credentials
    }

    /// Theirs, once known.
    pub fn remote_credentials(&self) -> Option<&Credentials> {
        self.current.remote.as_ref().map(|remote| &remote.credentials)
    }

    /// Our candidates, best first within a family; not all are [`signalled`](Self::signalled).
    pub fn local_candidates(&self) -> impl Iterator<Item = &Candidate> {
        let known = self.locals.iter().map(|local| &local.candidate);
        known.filter(|candidate| candidate.kind != CandidateKind::PeerReflexive)
    }

    /// Those of our candidates that the policy lets the other side know.
    pub fn signalled_candidates(&self) -> impl Iterator<Item = Candidate> {
        self.local_candidates().filter_map(|candidate| self.to_signal(candidate))
    }

    /// Their candidates: signalled ones that have an address, and peer-reflexive ones.
    pub fn remote_candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.current.remotes.iter().map(|remote| &remote.candidate)
    }

    /// What signalling has to bring to the other side: credentials and candidates so far.
    pub fn signalled(&self) -> (Credentials, Vec<Candidate>) {
        (self.local_credentials().clone(), self.signalled_candidates().collect())
    }

    /// Who nominates.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The state, in words of W3C webrtc.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether [`poll_event`](Machine::poll_event) has something: sending may give rise to events too.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// The state of gathering.
    pub const fn gathering_state(&self) -> GatheringState {
        self.gathering
    }

    /// Where application data goes now: set from the first valid pair on, before nomination.
    /// `None`: nowhere, or nowhere any more.
    pub const fn route(&self) -> Option<Route> {
        self.route
    }

    /// The nominated pair in use.
    pub fn selected_pair(&self) -> Option<CandidatePair<'_>> {
        self.describe(&self.current, self.current.pair(self.current.selected?)?)
    }

    /// The pair that data goes along, nominated or not; perhaps of the generation before.
    pub fn pair_in_use(&self) -> Option<CandidatePair<'_>> {
        let carrier = self.carrier()?;
        self.describe(carrier, carrier.route_pair()?)
    }

    /// All pairs of the present generation.
    pub fn candidate_pairs(&self) -> impl Iterator<Item = CandidatePair<'_>> {
        self.current.pairs.iter().filter_map(|pair| self.describe(&self.current, pair))
    }

    /// All our candidates with what statistics say of them, peer-reflexive ones too.
    pub fn known_local_candidates(&self) -> impl Iterator<Item = CandidateStats> {
        self.locals.iter().map(|local| CandidateStats {
            id: local.id,
            candidate: local.candidate.clone(),
            ufrag: Some(self.current.credentials.ufrag().into()),
            relay: self.server_of(local.base),
        })
    }

    /// All their candidates with what statistics say of them, peer-reflexive ones too.
    pub fn known_remote_candidates(&self) -> impl Iterator<Item = CandidateStats> {
        let ufrag = self.remote_credentials().map(Credentials::ufrag);
        self.current.remotes.iter().map(move |remote| CandidateStats {
            id: remote.id,
            candidate: remote.candidate.clone(),
            ufrag: remote.candidate.ufrag.as_deref().or(ufrag).map(Box::from),
            relay: None,
        })
    }

    /// The latest round-trip time of the route: measured by its check, then every five seconds.
    pub fn rtt(&self) -> Option<Duration> {
        self.carrier()?.route_pair()?.stats.current_round_trip_time
    }

    /// What the round-trip time of the route is not above: [`rtt`](Self::rtt), or before that is
    /// known, the time since the first of two equal checks when one of them was answered.
    pub fn rtt_at_most(&self) -> Option<Duration> {
        let pair = self.carrier()?.route_pair()?;
        pair.stats.current_round_trip_time.or(pair.at_most)
    }

    /// What has been counted.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The user name fragments by which requests for this agent are known: the present one, and
    /// after a restart the one before it, for a while or as long as the other side uses it.
    pub fn ufrags(&self) -> impl Iterator<Item = &str> {
        let previous = self.previous.as_ref().map(|generation| generation.credentials.ufrag());
        let before = self.current.former_ufrag().or(previous);
        [Some(self.current.credentials.ufrag()), before].into_iter().flatten()
    }

    /// Whether a response with this transaction id is awaited: agents that share a socket are told
    /// apart by it.
    pub fn awaits(&self, id: TransactionId) -> bool {
        self.current.awaits(id) || self.previous.as_ref().is_some_and(|g| g.awaits(id))
    }

    /// The generation whose path is in use.
    pub(super) fn carrier(&self) -> Option<&Generation> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|generation| generation.route.is_some())
    }

    pub(super) fn next_pair_id(&mut self) -> PairId {
        self.last_id += 1;
        PairId(self.last_id)
    }

    pub(super) fn next_candidate_id(&mut self) -> CandidateId {
        self.last_id += 1;
        CandidateId(self.last_id)
    }

    pub(super) fn next_socket_id(&mut self) -> SocketId {
        self.last_id += 1;
        SocketId(self.last_id)
    }

    fn describe<'a>(
        &'a self,
        generation: &'a Generation,
        pair: &Pair,
    ) -> Option<CandidatePair<'a>> {
        let local = self.locals.iter().find(|local| local.id == pair.local)?;
        let remote = generation.remotes.iter().find(|remote| remote.id == pair.remote)?;
        let mut stats = pair.stats;
        if self.carrier().and_then(|carrier| carrier.route) == Some(pair.id) {
            stats.traffic.add(&self.traffic);
        }
        Some(CandidatePair {
            id: pair.id,
            local_id: pair.local,
            remote_id: pair.remote,
            local: &local.candidate,
            remote: &remote.candidate,
            path: self.wire(pair.path).map_or(pair.path, |(path, _)| path),
            priority: pair.priority,
            state: pair.state,
            nominated: pair.nominated.is_some(),
            stats,
        })
    }

    fn take(&mut self, now: Instant, input: &Datagram<'_, Path>) -> Result<(), Discard> {
        if self.state == State::Closed {
            return Err(Discard::Closed);
        }
        let message = Message::parse(input.data)?;
        if message.method() != Method::BINDING {
            return Err(Discard::Method(message.method()));
        }
        // RFC 8445 §7.1: all of ICE's messages carry it.
        message.check_fingerprint()?;
        match message.class() {
            Class::Request => self.handle_request(now, input.path, &message),
            // RFC 8445 §11: keeps a NAT awake, and says nothing.
            Class::Indication => Ok(()),
            Class::SuccessResponse | Class::ErrorResponse => {
                self.handle_response(now, input.received.min(now), input.path, &message)
            }
        }
    }
}

impl Machine for Agent {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    /// Takes STUN messages only, those of relays and those that come through them too; see
    /// [`unwrap`](Agent::unwrap) for the rest.
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let taken = match self.unwrap_relayed(now, input) {
            Ok(Some(input)) => self.take(now, &input),
            Ok(None) => return Ok(()),
            Err(reason) => Err(reason),
        };
        match taken {
            Ok(()) => {
                self.settle(now);
                Ok(())
            }
            Err(reason) => {
                self.counters.discarded.count(&reason);
                Err(reason)
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        self.transmit(now, buf)
    }

    fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() {
            // They come in bursts, with long silence between.
            self.events.shrink_to_fit();
        }
        event
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }
}
