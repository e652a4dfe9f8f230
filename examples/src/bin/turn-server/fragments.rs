//! Whether what a socket sends may be fragmented, on Linux: options of the socket, so they are set when
//! another answer is wanted than for the datagram before.
//!
//! | | IPv4 | IPv6 |
//! |---|---|---|
//! | it may | no DF; what ICMP says of the path is nothing to this socket, so nobody forges it | as large as the path takes, so that has to be known |
//! | it may not | DF; up to the MTU of the interface, and ICMP tells who asks | the same, without fragments |

use std::{io, net::SocketAddr, os::fd::AsFd};

use nix::sys::socket::{setsockopt, sockopt};
use rustix::net::sockopt::{
    Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery, set_ip_mtu_discover, set_ipv6_mtu_discover,
};

/// For what is sent from now on by the socket bound to `address`.
pub(crate) fn set(socket: &impl AsFd, address: SocketAddr, dont: bool) -> io::Result<()> {
    let set = if address.is_ipv4() {
        let how = if dont { Ipv4PathMtuDiscovery::PROBE } else { Ipv4PathMtuDiscovery::OMIT };
        set_ip_mtu_discover(socket, how)
    } else {
        let how = if dont { Ipv6PathMtuDiscovery::PROBE } else { Ipv6PathMtuDiscovery::DONT };
        // Both have to say so, and quinn-udp has set both.
        setsockopt(socket, sockopt::Ipv6DontFrag, &dont)?;
        set_ipv6_mtu_discover(socket, how)
    };
    Ok(set?)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use nix::sys::socket::getsockopt;
    use rustix::net::sockopt::{ip_mtu_discover, ipv6_mtu_discover};

    use super::*;

    #[test]
    fn both_families_know_both_answers() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        for (dont, how) in
            [(true, Ipv4PathMtuDiscovery::PROBE), (false, Ipv4PathMtuDiscovery::OMIT)]
        {
            set(&socket, address, dont).unwrap();
            assert_eq!(ip_mtu_discover(&socket).unwrap(), how);
        }
        // Not every machine has IPv6.
        let Ok(socket) = UdpSocket::bind("[::1]:0") else { return };
        let address = socket.local_addr().unwrap();
        for (dont, how) in
            [(true, Ipv6PathMtuDiscovery::PROBE), (false, Ipv6PathMtuDiscovery::DONT)]
        {
            set(&socket, address, dont).unwrap();
            assert_eq!(ipv6_mtu_discover(&socket).unwrap(), how);
            assert_eq!(getsockopt(&socket, sockopt::Ipv6DontFrag).unwrap(), dont);
        }
    }
}
