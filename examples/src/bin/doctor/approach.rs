//! How a server is reached: from which address of ours, and through which translator.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::net::UdpSocket;

use crate::nat64::Prefix;

/// Towards one server, and whoever else is where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Approach {
    /// Our address.
    pub(crate) local: IpAddr,
    /// What stands for IPv4 where there is IPv6 only.
    pub(crate) translator: Option<Prefix>,
}

impl Approach {
    /// The one to `server`: its own family comes first. An error if there is no route.
    pub(crate) async fn to(server: SocketAddr, translator: Option<Prefix>) -> io::Result<Self> {
        match (near(server).await, translator) {
            (Err(_), Some(prefix)) if server.is_ipv4() => {
                let local = near(prefix.outward(server)).await?;
                Ok(Self { local, translator })
            }
            (local, _) => Ok(Self { local: local?, translator: None }),
        }
    }

    /// Where packets for `address` are sent.
    pub(crate) fn outward(&self, address: SocketAddr) -> SocketAddr {
        self.translator.map_or(address, |prefix| prefix.outward(address))
    }

    /// Who has sent packets that come from `address`.
    pub(crate) fn inward(&self, address: SocketAddr) -> SocketAddr {
        self.translator.map_or(address, |prefix| prefix.inward(address))
    }

    /// A socket on a free port.
    pub(crate) async fn bind(&self) -> io::Result<UdpSocket> {
        UdpSocket::bind((self.local, 0)).await
    }
}

/// The address of ours from which packets to `address` go out.
async fn near(address: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    // Nothing is sent: the system only chooses.
    socket.connect(address).await?;
    Ok(socket.local_addr()?.ip())
}
