//! Streams that others have opened to us: whose they are, their first frame says. It is a check, and
//! names us in its USERNAME (RFC 8445 §7.2.2); until the peer has verified it, the stream is
//! nobody's, and there are not many of those.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;

use sansio::{Instant, Path, Transport};
use socket2::{Domain, Protocol, Type};
use tokio::net::{TcpListener, TcpStream};

use super::LinkId;
use super::table::{Medium, Owner};
use crate::config::EndpointConfig;
use crate::endpoint::driver::Driver;
use crate::mux::Key;
use crate::net::{Addresses, BindError, Family};
use crate::stream::{DatagramStream, Framing};

/// How long a stream may take to say whom it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long nobody is accepted after that has failed: as a rule descriptors have run out.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that the system keeps until they are accepted.
const BACKLOG: i32 = 256;

/// Where peers connect to over TCP.
#[derive(Debug)]
pub(in crate::endpoint) struct Listeners {
    sockets: Vec<TcpListener>,
    pub(in crate::endpoint) addresses: Addresses,
    /// Nobody is accepted before.
    paused: Option<Instant>,
}

impl Listeners {
    /// Listens where the configuration says, if it does; `[::]` means IPv6 and IPv4 on the same
    /// port.
    pub(super) fn bind(config: &EndpointConfig) -> Result<Self, BindError> {
        let sockets = match config.tcp {
            None => Vec::new(),
            Some(address) => {
                listen_all(address).map_err(|error| BindError::Socket { address, error })?
            }
        };
        let bound = sockets.iter().filter_map(|socket| socket.local_addr().ok());
        let addresses = Addresses::new(bound, config.addresses.clone(), &config.public_ips);
        Ok(Self { sockets, addresses, paused: None })
    }

    /// Ready with a stream that was accepted.
    pub(in crate::endpoint) fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Poll<(TcpStream, SocketAddr)> {
        if self.paused.is_some_and(|until| now < until) {
            return Poll::Pending;
        }
        self.paused = None;
        for socket in &self.sockets {
            match socket.poll_accept(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(accepted)) => return Poll::Ready(accepted),
                Poll::Ready(Err(error)) => {
                    tracing::warn!(%error, "no stream can be accepted");
                    self.paused = Some(now + PAUSE);
                }
            }
        }
        Poll::Pending
    }

    /// When to look again.
    pub(in crate::endpoint) fn poll_timeout(&self) -> Option<Instant> {
        self.paused
    }
}

fn listen_all(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let first = listen(address)?;
    let port = first.local_addr()?.port();
    let mut all = vec![first];
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        // A host may have no IPv4.
        all.extend(listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)).ok());
    }
    Ok(all)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = socket2::Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // The port is free again as soon as we are gone.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

impl Driver {
    /// Takes a stream that was accepted, until it is known whose it is.
    pub(in crate::endpoint) fn accept(&mut self, stream: TcpStream, remote: SocketAddr) {
        let Some(local) = local_of(&self.links.listeners.addresses, &stream) else { return };
        let path = Path { local, remote, transport: Transport::Tcp };
        let Ok(stream) = DatagramStream::accepted(stream, Framing::Rfc4571) else { return };
        if self.links.unnamed.len() >= self.links.max_unnamed
            && let Some((_, oldest)) = self.links.unnamed.front().copied()
        {
            self.drop_unnamed(oldest);
        }
        let until = self.shared.clock.now() + PATIENCE;
        let medium = Medium::Stream(stream);
        let id = self.links.insert(&self.shared, Owner::Nobody, medium, path);
        self.links.unnamed.push_back((until, id));
    }

    /// Closes those that have taken too long.
    pub(in crate::endpoint) fn expire_unnamed(&mut self) {
        let now = self.shared.clock.now();
        while let Some((until, id)) = self.links.unnamed.front().copied()
            && until <= now
        {
            self.drop_unnamed(id);
        }
    }

    /// A peer has verified what came on a stream that was accepted: it is this peer's.
    pub(super) fn welcome(&mut self, id: LinkId, key: Key) {
        if let Some(oldest) = self.links.excess(key) {
            self.lose_link(oldest, "there are too many");
        }
        self.links.adopt(id, key);
    }

    /// Without a word: there is nobody to say it to.
    fn drop_unnamed(&mut self, id: LinkId) {
        drop(self.links.remove(id));
        self.shared.counters.strangers.add(1);
    }
}

/// Our end of a stream, as its peer was told of it.
fn local_of(addresses: &Addresses, stream: &TcpStream) -> Option<SocketAddr> {
    let local = stream.local_addr().ok()?;
    addresses.seen(Family::of(local.ip()), Some(local.ip()))
}
