//! ICMP errors for what relay sockets have sent, as Linux tells them: in a queue of its own beside
//! what was received. It tells there too what it has not even sent, because it was too large.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    os::fd::{AsFd, AsRawFd},
};

use nix::{
    cmsg_space,
    libc::{
        EMSGSIZE, SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, SO_EE_ORIGIN_LOCAL, sock_extended_err,
        sockaddr_in6,
    },
    sys::socket::{
        ControlMessageOwned::{Ipv4RecvErr, Ipv6RecvErr},
        MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
    },
};
use turn::attribute::Icmp;

/// Destination unreachable, fragmentation needed.
const TOO_LARGE_V4: (u8, u16) = (3, 4);
/// Packet too big.
const TOO_LARGE_V6: (u8, u16) = (2, 0);

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
    let icmp = message.cmsgs()?.find_map(|one| match one {
        Ipv4RecvErr(error, _) => said(&error, SO_EE_ORIGIN_ICMP, TOO_LARGE_V4),
        Ipv6RecvErr(error, _) => said(&error, SO_EE_ORIGIN_ICMP6, TOO_LARGE_V6),
        _ => None,
    });
    Ok(peer.zip(icmp))
}

/// What a router says by ICMP, and what it would have said of a datagram that is too large for our
/// own interface: the MTU is told in the same place.
fn said(error: &sock_extended_err, icmp: u8, (kind, code): (u8, u16)) -> Option<Icmp> {
    let data = error.ee_info;
    if error.ee_origin == icmp {
        Some(Icmp { kind: error.ee_type, code: error.ee_code.into(), data })
    } else {
        let local = error.ee_origin == SO_EE_ORIGIN_LOCAL;
        let too_large = i32::try_from(error.ee_errno) == Ok(EMSGSIZE);
        (local && too_large).then_some(Icmp { kind, code, data })
    }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::V4((*address).into()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into())))
}
