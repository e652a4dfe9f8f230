//! A TCP connection between two agents, RFC 6544, with RFC 4571's length in front of each datagram.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};

use ice::framing::{self, Deframer};

pub(super) struct Stream {
    tcp: TcpStream,
    deframer: Deframer,
}

impl Stream {
    pub(super) fn connect(to: SocketAddr) -> anyhow::Result<(Self, SocketAddr)> {
        let tcp = TcpStream::connect(to)?;
        let local = tcp.local_addr()?;
        Ok((Self::new(tcp)?, local))
    }

    /// Of one that was accepted.
    pub(super) fn new(tcp: TcpStream) -> anyhow::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_nonblocking(true)?;
        Ok(Self { tcp, deframer: Deframer::new(1 << 16) })
    }

    /// On one machine the connection always has room for the few bytes of these cases.
    pub(super) fn send(&mut self, datagram: &[u8]) -> anyhow::Result<()> {
        let mut bytes = framing::header(datagram.len())?.to_vec();
        bytes.extend_from_slice(datagram);
        Ok(self.tcp.write_all(&bytes)?)
    }

    /// What has come meanwhile.
    pub(super) fn receive(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut buf = vec![0; 1 << 16];
        let count = match self.tcp.read(&mut buf) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Vec::new()),
            read => read?,
        };
        anyhow::ensure!(count > 0, "the other side has closed the connection");
        self.deframer.push(buf.get(..count).unwrap_or_default());
        let mut datagrams = Vec::new();
        while let Some(datagram) = self.deframer.next_frame()? {
            datagrams.push(datagram.to_vec());
        }
        Ok(datagrams)
    }
}
