//! ICMP errors for what relay sockets have sent, as Linux tells them: in a queue of its own beside
//! what was received.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    os::fd::{AsFd, AsRawFd},
};

use nix::{
    cmsg_space,
    libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, sock_extended_err, sockaddr_in6},
    sys::socket::{
        ControlMessageOwned::{Ipv4RecvErr, Ipv6RecvErr},
        MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
    },
};
use turn::attribute::Icmp;

/// Has the system keep them for this socket.
pub(crate) fn keep(socket: &impl AsFd, address: SocketAddr) -> io::Result<()> {
    let set = match address {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true),
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true),
    };
    Ok(set?)
}

/// The next one, and the peer that it is about. `None`: it is not ICMP's.
pub(crate) fn next(socket: &impl AsFd) -> io::Result<Option<(SocketAddr, Icmp)>> {
    // What was sent comes along, of which nothing is wanted.
    // Beside the error there is what is told of every datagram.
    let mut control = cmsg_space!(sock_extended_err, sockaddr_in6, [u8; 256]);
    let mut data = [0; 64];
    let mut buffers = [IoSliceMut::new(&mut data)];
    let (fd, flags) = (socket.as_fd().as_raw_fd(), MsgFlags::MSG_ERRQUEUE);
    let message = recvmsg::<SockaddrStorage>(fd, &mut buffers, Some(&mut control), flags)?;
    let peer = message.address.as_ref().and_then(address);
    let told = message.cmsgs()?.find_map(|one| match one {
        Ipv4RecvErr(error, _) => (error.ee_origin == SO_EE_ORIGIN_ICMP).then_some(error),
        Ipv6RecvErr(error, _) => (error.ee_origin == SO_EE_ORIGIN_ICMP6).then_some(error),
        _ => None,
    });
    let icmp = told.map(|it| Icmp { kind: it.ee_type, code: it.ee_code.into(), data: it.ee_info });
    Ok(peer.zip(icmp))
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::V4((*address).into()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into())))
}
