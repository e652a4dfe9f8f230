//! TCP candidates, RFC 6544. A pair over TCP is a stream: once it stands its datagrams travel like
//! others, each is sent once, and when it breaks the pair is gone.
//!
//! ```text
//! active      its turn comes ─► SocketWanted ─► handle_opened ─► checked at once
//! passive     the shell accepts ─► a check arrives ─► a pair, from the listener to who connected
//! S-O         as active, from the port that it signals, at which the shell listens too
//! ```

use core::net::SocketAddr;

use sansio::{Instant, Path, Transport};

use crate::agent::gather::Local;
use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::agent::pair::PairId;
use crate::candidate::{is_usable, local_preference, tcp_preference};
use crate::{
    Address, CandidateKind, Destination, Event, Framing, LocalCandidateError, PairState, SocketId,
    SocketRequest, State, TcpType, priority,
};

/// The port that an active candidate signals, RFC 6544 §4.5: discard.
const NO_PORT: u16 = 9;

/// The stream of a pair, being opened or open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    socket: SocketId,
    pair: PairId,
}

impl Agent {
    /// Takes a TCP candidate, RFC 6544. Passive: the address at which the shell listens. Active: any
    /// address of an interface, whose port does not matter. Simultaneous open: the address at which
    /// the shell listens, and from which it will connect. One that is known already changes nothing.
    ///
    /// # Errors
    ///
    /// The address cannot be a candidate, or there are too many.
    pub fn add_tcp_candidate(
        &mut self,
        now: Instant,
        tcp_type: TcpType,
        address: SocketAddr,
    ) -> Result<(), LocalCandidateError> {
        let is_active = tcp_type == TcpType::Active;
        let (base, signalled) = match is_active {
            true => (SocketAddr::new(address.ip(), 0), SocketAddr::new(address.ip(), NO_PORT)),
            false => (address, address),
        };
        if !is_usable(signalled) {
            return Err(LocalCandidateError::Address(address));
        }
        let alike = |local: &&Local| local.candidate.tcp_type == Some(tcp_type);
        let hosts = || self.locals.iter().filter(|l| l.is_host(Transport::Tcp)).filter(alike);
        if self.state == State::Closed || hosts().any(|local| local.base == base) {
            return Ok(());
        }
        self.check_room_for_local()?;
        let nth = hosts().filter(|l| l.base.is_ipv4() == base.is_ipv4()).count();
        let preference = tcp_preference(tcp_type, local_preference(base.ip(), nth));
        let id = self.next_candidate_id();
        let mut candidate = self.own_candidate(id.0, CandidateKind::Host, signalled);
        (candidate.transport, candidate.tcp_type) = (Transport::Tcp, Some(tcp_type));
        candidate.priority = priority(CandidateKind::Host, Transport::Tcp, preference);
        candidate.address = Address::Ip(signalled);
        self.gathered = false;
        self.announce(&candidate);
        self.locals.push(Local { id, candidate, base, foundation: id.0 });
        self.pair_local(id);
        self.settle(now);
        Ok(())
    }

    /// The shell has opened a socket that [`Event::SocketWanted`] asked for: bound over UDP,
    /// connected over TCP, with its handshake done over TLS and DTLS. `path` is that of its datagrams,
    /// from its own address to where it leads on the wire: if a proxy has made the connection, that is the
    /// proxy.
    pub fn handle_opened(&mut self, now: Instant, id: SocketId, path: Path) {
        if self.state == State::Closed {
            return;
        }
        if let Some(stream) = self.streams.iter().find(|stream| stream.socket == id).copied() {
            if let Some(pair) = self.current.pair_mut(stream.pair) {
                pair.path.local = path.local;
                pair.state = PairState::Waiting;
                self.trigger(now, stream.pair);
            }
        } else {
            self.relay_opened(now, id, path);
        }
        self.settle(now);
    }

    /// A socket that [`Event::SocketWanted`] asked for could not be had, or has broken. It needs no
    /// closing any more.
    pub fn handle_closed(&mut self, now: Instant, id: SocketId) {
        if self.state == State::Closed {
            return self.relay_lost(id);
        }
        match self.streams.iter().position(|stream| stream.socket == id) {
            Some(index) => {
                let stream = self.streams.swap_remove(index);
                self.stream_lost(stream.pair);
            }
            None => self.relay_closed(now, id),
        }
        self.settle(now);
    }

    /// A stream is gone that a passive candidate's listener had accepted.
    pub fn handle_stream_closed(&mut self, now: Instant, path: Path) {
        let generations = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        let pairs: Vec<_> =
            generations.filter_map(|g| g.pair_on(path)).map(|pair| pair.id).collect();
        for pair in pairs {
            self.stream_lost(pair);
        }
        self.settle(now);
    }

    /// Asks for the stream of a pair, whose turn it is to be checked.
    pub(super) fn connect(&mut self, id: PairId) {
        let socket = self.next_socket_id();
        let Some(pair) = self.current.pair_mut(id) else { return };
        pair.state = PairState::InProgress;
        self.streams.push(Stream { socket, pair: id });
        self.events.push_back(Event::SocketWanted(SocketRequest {
            id: socket,
            near: Some(pair.path.local),
            to: Destination::Address(pair.path.remote),
            transport: Transport::Tcp,
            framing: Framing::Rfc4571,
            server_name: None,
        }));
    }

    /// Whether this pair needs a stream that it has not: neither asked for nor open.
    pub(super) fn needs_stream(&self, id: PairId) -> bool {
        let Some(pair) = self.current.pair(id) else { return false };
        let connects = |local: &Local| {
            let tcp_type = local.candidate.tcp_type;
            local.id == pair.local && tcp_type.is_some_and(|it| it != TcpType::Passive)
        };
        pair.path.transport == Transport::Tcp
            && pair.last_response.is_none()
            && !pair.heard
            && self.locals.iter().any(connects)
            && !self.streams.iter().any(|stream| stream.pair == id)
    }

    fn stream_lost(&mut self, id: PairId) {
        let generations = [Some(&mut self.current), self.previous.as_mut()];
        for generation in generations.into_iter().flatten() {
            generation.fail_pair(id);
        }
    }

    /// Lets go of streams whose pairs are gone.
    pub(super) fn release_streams(&mut self) {
        let generations = [Some(&self.current), self.previous.as_ref()];
        let is_used = |pair: PairId| {
            generations.into_iter().flatten().filter_map(|g: &Generation| g.pair(pair)).count() > 0
        };
        let unused = self.streams.extract_if(.., |stream| !is_used(stream.pair));
        self.events.extend(unused.map(|stream| Event::SocketReleased(stream.socket)));
    }
}
