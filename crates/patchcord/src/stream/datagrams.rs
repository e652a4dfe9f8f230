//! Datagrams in both directions, whatever carries them.

use core::future::poll_fn;
use core::net::SocketAddr;
use core::task::{Context, Poll};
use std::io;

use tokio::net::TcpStream;

use super::CHUNK;
use super::dtls::Dtls;
use super::framed::Framed;
use super::framing::{Framing, FramingError};
use super::wire::Wire;

/// A TCP connection, TLS on one, or DTLS on a UDP socket, that carries datagrams. Made by
/// [`connect`](super::connect()). Over DTLS datagrams may be lost, or overtake each other.
#[derive(Debug)]
pub struct DatagramStream {
    medium: Medium,
    local: SocketAddr,
    remote: SocketAddr,
}

#[derive(Debug)]
enum Medium {
    Stream(Box<Framed>),
    Dtls(Box<Dtls>),
}

impl DatagramStream {
    pub(super) fn framed(wire: Wire, framing: Framing) -> io::Result<Self> {
        let (local, remote) = (wire.tcp().local_addr()?, wire.tcp().peer_addr()?);
        Ok(Self { medium: Medium::Stream(Box::new(Framed::new(wire, framing))), local, remote })
    }

    /// DTLS whose handshake is done.
    pub(super) fn sealed(dtls: Dtls) -> Self {
        let (local, remote) = (dtls.local_addr(), dtls.remote_addr());
        Self { local, remote, medium: Medium::Dtls(Box::new(dtls)) }
    }

    /// One that was accepted.
    pub(crate) fn accepted(stream: TcpStream, framing: Framing) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Self::framed(Wire::Tcp(stream), framing)
    }

    /// Our end of the connection.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The other end: the server's, or that of a proxy.
    pub fn remote_addr(&self) -> SocketAddr {
        self.remote
    }

    /// Sends a datagram: waits until the system has taken it, and all those before. If it is
    /// cancelled, the datagram goes out with the next one.
    ///
    /// # Errors
    ///
    /// The connection is broken, or the datagram is longer than 9216 bytes.
    pub async fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await?;
        if !self.queue(datagram) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// The next datagram. `None`: the other side has closed the connection. Nothing is lost if it is
    /// cancelled.
    ///
    /// # Errors
    ///
    /// The connection is broken, or what came is no datagram.
    pub async fn recv(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut chunk = vec![0; CHUNK];
        loop {
            if let Some(datagram) = self.next_frame().map_err(io::Error::other)? {
                return Ok(Some(datagram.to_vec()));
            }
            if poll_fn(|cx| self.poll_fill(cx, &mut chunk)).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Closes the connection and says so to the other side. Over TCP it waits until that has closed
    /// it too.
    ///
    /// # Errors
    ///
    /// It is broken already.
    pub async fn close(self) -> io::Result<()> {
        match self.medium {
            Medium::Stream(framed) => framed.close().await,
            Medium::Dtls(dtls) => dtls.close().await,
        }
    }

    /// Takes a datagram, to be written by [`poll_flush`](Self::poll_flush). False: it is dropped,
    /// because too much waits, or it is too long.
    pub(crate) fn queue(&mut self, datagram: &[u8]) -> bool {
        if datagram.len() > Framing::LIMIT {
            return false;
        }
        match &mut self.medium {
            Medium::Stream(framed) => framed.queue(datagram),
            Medium::Dtls(dtls) => dtls.queue(datagram),
        }
    }

    /// Ready when nothing is left to write.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.medium {
            Medium::Stream(framed) => framed.poll_flush(cx),
            Medium::Dtls(dtls) => dtls.poll_flush(cx).map(Ok),
        }
    }

    /// Reads what is there, as much as `chunk` holds. 0: the other side has closed the connection.
    /// All datagrams are to be taken before the next call.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        chunk: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.medium {
            Medium::Stream(framed) => framed.poll_fill(cx, chunk),
            Medium::Dtls(dtls) => dtls.poll_fill(cx, chunk),
        }
    }

    /// The next datagram of those that were read.
    pub(crate) fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FramingError> {
        match &mut self.medium {
            Medium::Stream(framed) => framed.next_frame(),
            Medium::Dtls(dtls) => Ok(dtls.next_frame()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Two ends of a connection.
    async fn ends() -> (DatagramStream, DatagramStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        let framed = |stream| DatagramStream::accepted(stream, Framing::Rfc4571).unwrap();
        (framed(near), framed(far))
    }

    #[tokio::test]
    async fn a_datagram_that_is_too_long_is_refused_and_the_next_one_goes() {
        let (mut near, mut far) = ends().await;
        let error = near.send(&[0; Framing::LIMIT + 1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        near.send(&[1; Framing::LIMIT]).await.unwrap();
        assert_eq!(far.recv().await.unwrap().map(|datagram| datagram.len()), Some(Framing::LIMIT));
        drop(near);
        assert_eq!(far.recv().await.unwrap(), None);
    }
}
