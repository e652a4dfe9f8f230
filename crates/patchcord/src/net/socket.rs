//! One UDP socket with all that the system has to offer: batches, segmentation, ECN, addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::task::{Context, Poll};
use std::io::{self, IoSliceMut};

use quinn_udp::{EcnCodepoint, RecvMeta, Transmit, UdpSocketState};
use sansio::Ecn;
use socket2::{Domain, Protocol, Type};
use tokio::io::Interest;

use super::outbox::Run;

/// The address of this host to talk to `to` from: `near` if it is of the same family, or what the
/// system would choose. Nothing is sent.
pub(crate) fn source_for(near: Option<IpAddr>, to: SocketAddr) -> io::Result<IpAddr> {
    match near.filter(|near| near.is_ipv4() == to.is_ipv4()) {
        Some(near) => Ok(near),
        None => route(to),
    }
}

fn route(to: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let probe = std::net::UdpSocket::bind(SocketAddr::new(any, 0))?;
    probe.connect(to)?;
    Ok(probe.local_addr()?.ip())
}

#[derive(Debug)]
pub(crate) struct Socket {
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

impl Socket {
    /// What the kernel is asked to buffer, each way; it may give less. 2 MiB are 16 ms of 1 Gbit/s.
    const BUFFER: usize = 2 << 20;

    /// Binds a socket. One for IPv6 takes no IPv4: that has a socket of its own on the same port.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let domain = Domain::for_address(address);
        let socket = socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        let state = UdpSocketState::new((&socket).into())?;
        // Best effort: the system may have its own limits.
        let _ = state.set_recv_buffer_size((&socket).into(), Self::BUFFER);
        let _ = state.set_send_buffer_size((&socket).into(), Self::BUFFER);
        let io = tokio::net::UdpSocket::from_std(socket.into())?;
        Ok(Self { address: io.local_addr()?, io, state })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_recv_ready(cx)
    }

    pub(crate) fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_send_ready(cx)
    }

    /// Receives a batch; each buffer may hold several datagrams of equal size.
    pub(crate) fn recv(
        &self,
        buffers: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, || self.state.recv((&self.io).into(), buffers, metas))
    }

    /// Sends a run of datagrams.
    pub(crate) fn send<P>(&self, run: &Run<P>, bytes: &[u8]) -> io::Result<()> {
        let transmit = Transmit {
            destination: run.head.destination,
            ecn: match run.head.ecn {
                Ecn::NotEct => None,
                Ecn::Ect0 => Some(EcnCodepoint::Ect0),
                Ecn::Ect1 => Some(EcnCodepoint::Ect1),
                Ecn::Ce => Some(EcnCodepoint::Ce),
            },
            contents: bytes,
            segment_size: (run.count > 1).then_some(run.segment),
            src_ip: run.head.source,
        };
        self.io.try_io(Interest::WRITABLE, || self.state.try_send((&self.io).into(), &transmit))
    }

    /// How many datagrams one send may carry.
    pub(crate) fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }
}
