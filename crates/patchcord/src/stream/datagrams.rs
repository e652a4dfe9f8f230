//! Datagrams in both directions over one stream.

use core::future::poll_fn;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::framing::{Deframer, Framing, FramingError};
use super::queue::Queue;
use super::wire::Wire;

/// A TCP connection, or TLS on one, that carries datagrams. Made by [`connect`](super::connect()).
#[derive(Debug)]
pub struct DatagramStream {
    wire: Wire,
    framing: Framing,
    deframer: Deframer,
    queue: Queue,
    /// TLS has something that TCP has not taken yet.
    unflushed: bool,
    local: SocketAddr,
    remote: SocketAddr,
}

/// Bytes read at a time by [`DatagramStream::recv`].
const CHUNK: usize = 16 << 10;

impl DatagramStream {
    pub(super) fn new(wire: Wire, framing: Framing) -> io::Result<Self> {
        let (local, remote) = (wire.tcp().local_addr()?, wire.tcp().peer_addr()?);
        let (deframer, queue) = (framing.deframer(), Queue::default());
        Ok(Self { wire, framing, deframer, queue, unflushed: false, local, remote })
    }

    /// One that was accepted.
    pub(crate) fn accepted(stream: TcpStream, framing: Framing) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Self::new(Wire::Tcp(stream), framing)
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
            if let Some(datagram) = self.deframer.next_frame().map_err(io::Error::other)? {
                return Ok(Some(datagram.to_vec()));
            }
            if poll_fn(|cx| self.poll_fill(cx, &mut chunk)).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Closes the connection, says so to the other side, and waits until that has closed it too: if
    /// we were gone before it has said its last word, the system would tell it that all is broken,
    /// and it would not hear ours.
    ///
    /// # Errors
    ///
    /// It is broken already.
    pub async fn close(mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await?;
        self.wire.shutdown().await?;
        let mut rest = vec![0; CHUNK];
        // How it ends is of no interest any more.
        while matches!(self.wire.read(&mut rest).await, Ok(1..)) {}
        Ok(())
    }

    /// Takes a datagram, to be written by [`poll_flush`](Self::poll_flush). False: it is dropped,
    /// because too much waits, or it is too long.
    pub(crate) fn queue(&mut self, datagram: &[u8]) -> bool {
        if datagram.len() > Framing::LIMIT {
            return false;
        }
        match self.framing {
            Framing::Turn => self.queue.push(&[], datagram),
            Framing::Rfc4571 => match ice::framing::header(datagram.len()) {
                Ok(head) => self.queue.push(&head, datagram),
                Err(_) => false,
            },
        }
    }

    /// Ready when nothing is left to write.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.queue.is_empty() {
            let written = ready!(Pin::new(&mut self.wire).poll_write(cx, self.queue.waiting()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.queue.advance(written);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.wire).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what is there, as much as `chunk` holds. 0: the other side has closed the connection.
    /// All datagrams are to be taken before the next call.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        chunk: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(chunk);
        ready!(Pin::new(&mut self.wire).poll_read(cx, &mut buf))?;
        self.deframer.push(buf.filled());
        Poll::Ready(Ok(buf.filled().len()))
    }

    /// The next datagram of those that were read.
    pub(crate) fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FramingError> {
        self.deframer.next_frame()
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
    async fn what_a_full_stream_does_not_take_is_dropped_whole() {
        let (mut near, mut far) = ends().await;
        let mut taken = 0_u32;
        // Until neither the system nor the queue takes any more.
        loop {
            let mut datagram = [7; 1200];
            datagram[..4].copy_from_slice(&taken.to_be_bytes());
            if near.queue(&datagram) {
                taken += 1;
            } else if poll_fn(|cx| Poll::Ready(near.poll_flush(cx).is_pending())).await
                && near.queue.len() + 1202 > Queue::LIMIT
            {
                break;
            }
        }
        assert!(near.queue.len() <= Queue::LIMIT);
        // When the other side reads again, it finds all that was taken, whole and in order.
        let flushed = tokio::spawn(async move {
            poll_fn(|cx| near.poll_flush(cx)).await.unwrap();
            near
        });
        for n in 0..taken {
            let datagram = far.recv().await.unwrap().unwrap();
            assert_eq!((datagram.len(), &datagram[..4]), (1200, &n.to_be_bytes()[..]));
        }
        drop(flushed.await.unwrap());
        assert_eq!(far.recv().await.unwrap(), None);
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
