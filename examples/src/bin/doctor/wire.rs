//! What carries the datagrams of a TURN client: a socket of its own, or a stream, or DTLS.

use std::{io, net::SocketAddr};

use patchcord::stream::DatagramStream;
use tokio::net::UdpSocket;

use crate::approach::Approach;

pub(crate) enum Wire {
    Udp { socket: UdpSocket, approach: Approach, buf: Vec<u8> },
    Stream(Box<DatagramStream>),
}

impl Wire {
    pub(crate) const fn udp(socket: UdpSocket, approach: Approach) -> Self {
        Self::Udp { socket, approach, buf: Vec::new() }
    }

    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Udp { socket, .. } => socket.local_addr(),
            Self::Stream(stream) => Ok(stream.local_addr()),
        }
    }

    pub(crate) async fn send(&mut self, remote: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp { socket, approach, .. } => {
                match socket.send_to(bytes, approach.outward(remote)).await {
                    // What ICMP says of an earlier one: it is as good as lost.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
                    sent => sent.map(|_| ()),
                }
            }
            Self::Stream(stream) => stream.send(bytes).await,
        }
    }

    /// The next datagram, and whence it came. Nothing is lost if it is cancelled.
    pub(crate) async fn receive(
        &mut self,
        server: SocketAddr,
    ) -> io::Result<(SocketAddr, Vec<u8>)> {
        match self {
            Self::Udp { socket, approach, buf } => {
                buf.resize(1 << 16, 0);
                let (count, source) = socket.recv_from(buf).await?;
                Ok((approach.inward(source), buf[..count].to_vec()))
            }
            Self::Stream(stream) => {
                let datagram = stream.recv().await?;
                let closed = || io::Error::new(io::ErrorKind::UnexpectedEof, "the server hangs up");
                Ok((server, datagram.ok_or_else(closed)?))
            }
        }
    }
}
