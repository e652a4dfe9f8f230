//! The sockets at which clients are served, and beside them those of RFC 5780.

use std::{io, net::SocketAddr, rc::Rc};

use anyhow::{Context, ensure};
use stun::behavior;

use crate::{
    settings::{Said, Settings},
    udp::Socket,
};

/// How often another port is tried where the system is to choose.
const ATTEMPTS: usize = 8;

pub(crate) struct Listeners {
    /// Where all is served, over TCP too.
    pub(crate) main: Vec<Rc<Socket>>,
    /// The other addresses and ports of RFC 5780.
    pub(crate) others: Vec<Rc<Socket>>,
}

fn bind(address: SocketAddr) -> io::Result<Rc<Socket>> {
    Socket::bind(address, Some(Socket::SHARED)).map(Rc::new)
}

impl Listeners {
    /// Binds them all; returns which addresses belong together by RFC 5780 as well.
    pub(crate) fn bind(settings: &Settings) -> anyhow::Result<(Self, Vec<behavior::Server>)> {
        let (addresses, said) = settings.listen();
        let mut main = Vec::new();
        for address in addresses {
            match bind(address) {
                Ok(socket) => main.push(socket),
                // A machine may have one family only.
                Err(error) if said == Said::Nothing && error.kind() != io::ErrorKind::AddrInUse => {
                    tracing::warn!(%address, %error, "not served");
                }
                Err(error) => {
                    return Err(error).with_context(|| format!("binding {address}"));
                }
            }
        }
        ensure!(said == Said::This || !main.is_empty(), "neither IPv4 nor IPv6 can be bound");
        let (mut listeners, mut behavior) = (Self { main, others: Vec::new() }, Vec::new());
        for other in &settings.other {
            let named = || format!("binding {other} beside what is listened on");
            behavior.push(listeners.add(*other).with_context(named)?);
        }
        Ok((listeners, behavior))
    }

    /// Adds the other address and port of the first socket of the family.
    fn add(&mut self, other: SocketAddr) -> anyhow::Result<behavior::Server> {
        let mut primary = self.main.iter().map(|socket| socket.address());
        let primary = primary.find(|address| address.is_ipv4() == other.is_ipv4());
        let primary = primary.context("nothing of its family is listened on")?;
        ensure!(!primary.ip().is_unspecified(), "{primary} is no single address");
        ensure!(primary.ip() != other.ip(), "its address is the same as that of {primary}");
        ensure!(primary.port() != other.port(), "its port is the same as that of {primary}");
        let mut sockets = three(primary, other);
        let more = if other.port() == 0 { ATTEMPTS } else { 0 };
        for _ in 0..more {
            sockets = sockets.or_else(|_| three(primary, other));
        }
        let sockets = sockets?;
        let other = sockets[0].address();
        self.others.extend(sockets);
        Ok(behavior::Server { primary, other })
    }

    /// The socket from which a datagram with this source goes.
    pub(crate) fn at(&self, local: SocketAddr) -> Option<&Rc<Socket>> {
        self.main.iter().chain(&self.others).find(|socket| {
            let bound = socket.address();
            bound.port() == local.port()
                && (bound.ip() == local.ip()
                    || bound.ip().is_unspecified() && bound.is_ipv4() == local.is_ipv4())
        })
    }

    /// How many datagrams one send may carry.
    pub(crate) fn max_segments(&self) -> usize {
        self.main.first().map_or(1, |socket| socket.max_segments())
    }
}

/// The other address and port, and each of them with the primary's.
fn three(primary: SocketAddr, other: SocketAddr) -> io::Result<[Rc<Socket>; 3]> {
    let both = bind(other)?;
    let other = both.address();
    if other.port() == primary.port() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    let address = bind(SocketAddr::new(other.ip(), primary.port()))?;
    let port = bind(SocketAddr::new(primary.ip(), other.port()))?;
    Ok([both, address, port])
}
