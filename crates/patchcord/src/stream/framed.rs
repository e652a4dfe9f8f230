//! Datagrams in both directions over one stream.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::CHUNK;
use super::framing::{Deframer, Framing, FramingError};
use super::queue::Queue;
use super::wire::Wire;

/// TCP or TLS that carries datagrams.
#[derive(Debug)]
pub(super) struct Framed {
    wire: Wire,
    framing: Framing,
    deframer: Deframer,
    queue: Queue,
    /// TLS has something that TCP has not taken yet.
    unflushed: bool,
}

impl Framed {
    pub(super) fn new(wire: Wire, framing: Framing) -> Self {
        let (deframer, queue) = (framing.deframer(), Queue::default());
        Self { wire, framing, deframer, queue, unflushed: false }
    }

    /// Closes it, says so to the other side, and waits until that has closed it too: if we were gone
    /// before it has said its last word, the system would tell it that all is broken, and it would
    /// not hear ours.
    pub(super) async fn close(mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await?;
        self.wire.shutdown().await?;
        let mut rest = vec![0; CHUNK];
        // How it ends is of no interest any more.
        while matches!(self.wire.read(&mut rest).await, Ok(1..)) {}
        Ok(())
    }

    /// Takes a datagram, to be written by [`poll_flush`](Self::poll_flush). False: it is dropped,
    /// because too much waits.
    pub(super) fn queue(&mut self, datagram: &[u8]) -> bool {
        match self.framing {
            Framing::Turn => self.queue.push(&[], datagram),
            Framing::Rfc4571 => match ice::framing::header(datagram.len()) {
                Ok(head) => self.queue.push(&head, datagram),
                Err(_) => false,
            },
        }
    }

    /// Ready when nothing is left to write.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
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
    pub(super) fn poll_fill(
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
    pub(super) fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FramingError> {
        self.deframer.next_frame()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::super::DatagramStream;
    use super::*;

    /// Two ends of a connection.
    async fn ends() -> (Framed, DatagramStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        let near = Framed::new(Wire::Tcp(near), Framing::Rfc4571);
        (near, DatagramStream::accepted(far, Framing::Rfc4571).unwrap())
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
}
