//! All sockets of an endpoint, lane by lane.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::task::{Context, Poll};
use std::io;

use super::Inbox;
use super::addresses::Family;
use super::outbox::{Head, Run};
use super::ports::Ports;
use super::socket::{Socket, source_for};
use crate::mux::Lane;
use crate::servers::IceServerError;

/// Why an endpoint has no socket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The system refused the socket.
    #[error("cannot bind {address}: {error}")]
    Socket {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The addresses of this host could not be listed.
    #[error("cannot list the addresses of this host: {0}")]
    Interfaces(io::Error),
    /// A STUN or TURN server cannot be used.
    #[error(transparent)]
    IceServer(#[from] IceServerError),
    /// The operating system has no randomness to offer.
    #[error("no randomness: {0}")]
    Randomness(io::Error),
    /// No certificate could be made.
    #[error("no certificate: {0}")]
    Certificate(peer::CertificateError),
}

/// A socket that belongs to one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnId(usize);

/// From where a datagram leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// A socket that all connections share.
    Shared(Lane),
    /// A socket of one connection's own.
    Own(OwnId),
}

/// The first lane is the one that is announced; the others are bound when a peer needs them.
#[derive(Debug)]
pub(crate) struct Sockets {
    lanes: Vec<[Option<Socket>; 2]>,
    /// Those that belong to one connection each.
    own: Vec<Option<Socket>>,
    /// Empty places in `own`.
    free: Vec<OwnId>,
    /// Sockets that are open: what a round of polls visits.
    open: Vec<(Lane, Family)>,
    ports: Ports,
}

/// What came of a send.
#[derive(Debug)]
pub(crate) enum Sent {
    Done,
    /// The socket takes no more for now.
    Blocked,
    /// These datagrams are lost, as datagrams may be.
    Lost(io::Error),
}

impl Sockets {
    /// Binds the announced sockets. `[::]` means both families on one port, or whichever of them
    /// this host has; every other address means itself alone. Port 0 means one of `ports`.
    pub(crate) fn bind(address: SocketAddr, mut ports: Ports) -> Result<Self, BindError> {
        let bind = |port| {
            if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
                bind_both(port)
            } else {
                Socket::bind(SocketAddr::new(address.ip(), port)).map(|socket| vec![socket])
            }
        };
        let sockets = if address.port() == 0 { ports.bind(bind) } else { bind(address.port()) };
        let sockets = sockets.map_err(|error| BindError::Socket { address, error })?;
        let (lanes, own, free, open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut all = Self { lanes, own, free, open, ports };
        for socket in sockets {
            all.insert(Lane(0), socket);
        }
        Ok(all)
    }

    /// The addresses of the announced sockets.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.lanes.iter().take(1).flatten().flatten().map(Socket::address)
    }

    /// Binds the lane's socket for this family, if it is not bound yet.
    pub(crate) fn ensure(&mut self, lane: Lane, family: Family) -> io::Result<()> {
        if self.shared(lane, family).is_some() {
            return Ok(());
        }
        let main = self.shared(Lane(0), family).ok_or(io::ErrorKind::AddrNotAvailable)?;
        let ip = main.address().ip();
        let socket = self.ports.bind(|port| Socket::bind(SocketAddr::new(ip, port)))?;
        self.insert(lane, socket);
        Ok(())
    }

    /// Opens a socket for one connection: at this address, or where the system would talk to `to`
    /// from.
    pub(crate) fn open(
        &mut self,
        near: Option<IpAddr>,
        to: SocketAddr,
    ) -> io::Result<(OwnId, SocketAddr)> {
        let socket = self.bind_apart(near, to)?;
        let local = socket.address();
        let id = self.free.pop().unwrap_or(OwnId(self.own.len()));
        match self.own.get_mut(id.0) {
            Some(place) => *place = Some(socket),
            None => self.own.push(Some(socket)),
        }
        Ok((id, local))
    }

    /// Binds a socket that the caller keeps, at this address, or where the system would talk to `to`
    /// from.
    pub(crate) fn bind_apart(
        &mut self,
        near: Option<IpAddr>,
        to: SocketAddr,
    ) -> io::Result<Socket> {
        let ip = source_for(near, to)?;
        self.ports.bind(|port| Socket::bind(SocketAddr::new(ip, port)))
    }

    /// Closes a socket of one connection.
    pub(crate) fn close(&mut self, id: OwnId) {
        if self.own.get_mut(id.0).and_then(Option::take).is_some() {
            self.free.push(id);
        }
    }

    /// Ready when a socket of one connection may have something to read.
    pub(crate) fn poll_own_ready(&self, id: OwnId, cx: &mut Context<'_>) -> Poll<()> {
        match self.own.get(id.0).and_then(Option::as_ref) {
            // An error is reported by the read that follows.
            Some(socket) => socket.poll_recv_ready(cx).map(|_| ()),
            None => Poll::Pending,
        }
    }

    /// Ready with a socket that may have something to read. Begins its round after `last`, so that
    /// no busy socket starves the others.
    pub(crate) fn poll_recv_ready(
        &self,
        cx: &mut Context<'_>,
        last: usize,
    ) -> Poll<(usize, Lane, Family)> {
        let count = self.open.len();
        for n in (last + 1..=last + count).map(|n| n % count.max(1)) {
            if let Some(&(lane, family)) = self.open.get(n)
                && let Some(socket) = self.shared(lane, family)
                // An error is reported by the read that follows.
                && socket.poll_recv_ready(cx).is_ready()
            {
                return Poll::Ready((n, lane, family));
            }
        }
        Poll::Pending
    }

    /// Ready when the socket that `head` needs takes datagrams.
    pub(crate) fn poll_send_ready(&self, cx: &mut Context<'_>, head: &Head) -> Poll<()> {
        match self.get(head.port, Family::of(head.destination.ip())) {
            Some(socket) => socket.poll_send_ready(cx).map(|_| ()),
            None => Poll::Ready(()),
        }
    }

    /// Reads a batch.
    pub(crate) fn recv(&self, port: Port, family: Family, inbox: &mut Inbox) -> io::Result<usize> {
        let socket = self.get(port, family).ok_or(io::ErrorKind::NotConnected)?;
        inbox.fill(|buffers, metas| socket.recv(buffers, metas))
    }

    pub(crate) fn send(&self, run: &Run, bytes: &[u8]) -> Sent {
        let family = Family::of(run.head.destination.ip());
        let Some(socket) = self.get(run.head.port, family) else {
            return Sent::Lost(io::ErrorKind::AddrNotAvailable.into());
        };
        match socket.send(run, bytes) {
            Ok(()) => Sent::Done,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sent::Blocked,
            Err(error) => Sent::Lost(error),
        }
    }

    /// How many datagrams one send may carry.
    pub(crate) fn max_segments(&self, head: &Head) -> usize {
        let socket = self.get(head.port, Family::of(head.destination.ip()));
        socket.map_or(1, Socket::max_segments)
    }

    fn get(&self, port: Port, family: Family) -> Option<&Socket> {
        match port {
            Port::Shared(lane) => self.shared(lane, family),
            Port::Own(id) => self.own.get(id.0)?.as_ref(),
        }
    }

    fn shared(&self, lane: Lane, family: Family) -> Option<&Socket> {
        self.lanes.get(usize::from(lane.0))?.get(family as usize)?.as_ref()
    }

    fn insert(&mut self, lane: Lane, socket: Socket) {
        let family = Family::of(socket.address().ip());
        let index = usize::from(lane.0);
        if self.lanes.len() <= index {
            self.lanes.resize_with(index + 1, Default::default);
        }
        if let Some(place) = self.lanes.get_mut(index).and_then(|l| l.get_mut(family as usize)) {
            *place = Some(socket);
            self.open.push((lane, family));
        }
    }
}

/// Both families on one port. A port that the system chose for one may be taken in the other: then
/// it is asked again.
fn bind_both(port: u16) -> io::Result<Vec<Socket>> {
    const ATTEMPTS: usize = 16;
    let in_use = |error: &io::Error| error.kind() == io::ErrorKind::AddrInUse;
    let v4 = |port| Socket::bind(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port));
    for attempt in 1.. {
        let six = match Socket::bind(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
            Ok(socket) => socket,
            Err(error) if in_use(&error) => return Err(error),
            // A host without IPv6.
            Err(_) => return Ok(vec![v4(port)?]),
        };
        match v4(six.address().port()) {
            Ok(four) => return Ok(vec![four, six]),
            Err(error) if in_use(&error) && port == 0 && attempt < ATTEMPTS => {}
            Err(error) if in_use(&error) => return Err(error),
            // A host without IPv4.
            Err(_) => return Ok(vec![six]),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

#[cfg(test)]
mod tests;
