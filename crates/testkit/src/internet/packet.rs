//! What travels on the links of a simulated internet.

use core::net::SocketAddr;

use sansio::{Path, Transport};

/// Whence, whither, and as what. The bytes lie in the link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) load: Load,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Load {
    Datagram,
    Segment(Segment),
}

/// A part of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) transport: Transport,
    /// Which of its direction it is, from 0.
    pub(super) number: u64,
    pub(super) flag: Flag,
}

/// What a segment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Syn,
    SynAck,
    /// The first flight of TLS, from the client.
    Hello,
    /// The second, from the server: the client may speak.
    Finished,
    Data,
    Fin,
    Reset,
}

impl Header {
    /// As the sender of `path` sends it.
    pub(super) const fn along(path: Path, load: Load) -> Self {
        Self { source: path.local, destination: path.remote, load }
    }

    /// The 5-tuple in the eyes of whoever receives it.
    pub(super) const fn path(&self) -> Path {
        let transport = match self.load {
            Load::Datagram => Transport::Udp,
            Load::Segment(segment) => segment.transport,
        };
        Path { local: self.destination, remote: self.source, transport }
    }

    /// What routers see of it: TLS is TCP to them.
    pub(super) const fn protocol(&self) -> Protocol {
        match self.load {
            Load::Datagram => Protocol::Udp,
            Load::Segment(_) => Protocol::Tcp,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Udp,
    Tcp,
}
