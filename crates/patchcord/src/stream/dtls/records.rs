//! Datagrams in both directions, each in a record of DTLS.
//!
//! ```text
//!   queue ─► seal, in place ─► the outbox ─► runs of equal length, one system call each
//!   one system call ─► what was coalesced ─► open, in place ─► next_frame
//! ```

use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSliceMut};
use std::sync::{Mutex, PoisonError};

use dtls::{CloseReason, Connection};
use quinn_udp::RecvMeta;
use sansio::{Clock, Ecn, Instant, Machine};
use tokio::time::Sleep;

use crate::net::{Head, Outbox, Packet, Socket};
use crate::stream::queue::Queue;

/// Reads that fail in a row before the socket counts as dead. A single failure may tell of a
/// datagram that was sent (an ICMP error), and is nobody's end.
const MAX_FAILURES: usize = 64;

/// A connection on a socket of its own.
#[derive(Debug)]
pub(in crate::stream) struct Dtls {
    socket: Socket,
    pub(super) connection: Exclusive,
    pub(super) clock: Clock,
    /// Where all goes.
    head: Head<()>,
    /// Records that the system has not taken yet.
    outbox: Outbox<()>,
    opened: Opened,
    /// Wakes us when the connection wants time to pass.
    timer: Pin<Box<Sleep>>,
    /// When that is.
    due: Option<Instant>,
    failures: usize,
}

/// A connection that is shared with nobody, whatever threads see it: its randomness is not `Sync`,
/// and the driver of an endpoint is. It is never locked.
#[derive(Debug)]
pub(super) struct Exclusive(Mutex<Connection>);

impl Exclusive {
    pub(super) fn get(&mut self) -> &mut Connection {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was read, and not taken yet: at most what one system call gives.
#[derive(Debug, Default)]
struct Opened {
    bytes: Vec<u8>,
    lens: VecDeque<usize>,
    /// Of `bytes`, those that were taken.
    taken: usize,
}

impl Dtls {
    pub(super) fn new(socket: Socket, server: SocketAddr, connection: Connection) -> Self {
        Self {
            socket,
            connection: Exclusive(Mutex::new(connection)),
            clock: Clock::start(),
            head: Head { port: (), source: None, destination: server, ecn: Ecn::NotEct },
            outbox: Outbox::default(),
            opened: Opened::default(),
            timer: Box::pin(tokio::time::sleep(core::time::Duration::ZERO)),
            due: None,
            failures: 0,
        }
    }

    /// Says goodbye.
    pub(in crate::stream) async fn close(mut self) -> io::Result<()> {
        self.connection.get().close(self.clock.now());
        self.say_all().await;
        Ok(())
    }

    /// Sends what the connection itself has to say.
    pub(super) async fn say_all(&mut self) {
        self.say();
        poll_fn(|cx| self.poll_flush(cx)).await;
    }

    pub(in crate::stream) fn local_addr(&self) -> SocketAddr {
        self.socket.address()
    }

    pub(in crate::stream) fn remote_addr(&self) -> SocketAddr {
        self.head.destination
    }

    /// Makes a record of a datagram. False: too much waits already, or the connection has ended.
    pub(in crate::stream) fn queue(&mut self, datagram: &[u8]) -> bool {
        let (connection, bytes) = (self.connection.get(), &mut self.outbox.bytes);
        let at = bytes.len();
        if at + connection.overhead() + datagram.len() > Queue::LIMIT {
            return false;
        }
        bytes.resize(at + connection.head_room(), 0);
        bytes.extend_from_slice(datagram);
        if connection.seal(bytes, at).is_err() {
            bytes.truncate(at);
            return false;
        }
        let len = bytes.len() - at;
        self.outbox.push(Packet { head: self.head, len });
        true
    }

    /// Ready when nothing is left to write. What the system refuses is lost, as datagrams may be.
    pub(in crate::stream) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some((run, bytes)) = self.outbox.next_run(|_| self.socket.max_segments()) {
            match self.socket.send(&run, bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if ready!(self.socket.poll_send_ready(cx)).is_ok() {
                        continue;
                    }
                }
                Err(error) => tracing::debug!(%error, "records were lost"),
                Ok(()) => {}
            }
            self.outbox.advance(&run);
        }
        Poll::Ready(())
    }

    /// Reads what is there. 0: the server has closed the connection.
    pub(in crate::stream) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        chunk: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.connection.get().close_reason().is_none() {
            ready!(self.poll_turn(cx, chunk))?;
        }
        while self.connection.get().poll_event().is_some() {}
        Poll::Ready(match self.connection.get().close_reason() {
            None => Ok(1),
            Some(CloseReason::Remote) => Ok(0),
            Some(reason) => Err(io::Error::other(reason.to_string())),
        })
    }

    /// Ready when something may have come of it: a read, or time that has passed.
    pub(super) fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        chunk: &mut [u8],
    ) -> Poll<io::Result<()>> {
        self.say();
        // If the system takes no more now, it wakes us when it does.
        let _ = self.poll_flush(cx);
        if self.poll_timer(cx).is_ready() {
            self.connection.get().handle_timeout(self.clock.now());
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(self.socket.poll_recv_ready(cx))?;
            match self.receive(chunk) {
                Ok(()) => self.failures = 0,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) if self.failures >= MAX_FAILURES => return Poll::Ready(Err(error)),
                Err(_) => self.failures += 1,
            }
            self.say();
            let _ = self.poll_flush(cx);
            return Poll::Ready(Ok(()));
        }
    }

    /// The next datagram of those that were read.
    pub(in crate::stream) fn next_frame(&mut self) -> Option<&mut [u8]> {
        let Opened { bytes, lens, taken } = &mut self.opened;
        let Some(len) = lens.pop_front() else {
            bytes.clear();
            *taken = 0;
            return None;
        };
        let start = *taken;
        *taken += len;
        bytes.get_mut(start..*taken)
    }

    /// Puts into the outbox what the connection itself has to say.
    fn say(&mut self) {
        let now = self.clock.now();
        while let Some(said) = self.connection.get().poll_transmit(now, &mut self.outbox.bytes) {
            self.outbox.push(Packet { head: self.head, len: said.len });
        }
    }

    /// Ready when the connection wants to be told that time has passed.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.connection.get().poll_timeout();
        if self.due != due {
            self.due = due;
            if let Some(at) = due {
                self.timer.as_mut().reset(self.clock.std(at).into());
            }
        }
        match due {
            None => Poll::Pending,
            Some(_) => self.timer.as_mut().poll(cx).map(|()| self.due = None),
        }
    }

    /// Reads once, and opens what came from the server.
    fn receive(&mut self, chunk: &mut [u8]) -> io::Result<()> {
        let mut metas = [RecvMeta::default()];
        self.socket.recv(&mut [IoSliceMut::new(chunk)], &mut metas)?;
        let [RecvMeta { addr, len, stride, .. }] = metas;
        let server = self.head.destination;
        // Whoever else writes to the socket is nobody here.
        if (addr.ip().to_canonical(), addr.port()) != (server.ip().to_canonical(), server.port()) {
            return Ok(());
        }
        let now = self.clock.now();
        let coalesced = chunk.get_mut(..len).unwrap_or_default();
        for datagram in coalesced.chunks_mut(stride.max(1)) {
            let mut rest = datagram;
            while !rest.is_empty() {
                match self.connection.get().open(now, &mut rest) {
                    Ok(Some(data)) => self.opened.push(data),
                    Ok(None) => {}
                    Err(discard) => tracing::trace!(%discard, "a record was not used"),
                }
            }
        }
        // What had overtaken the end of the handshake.
        while let Some(data) = self.connection.get().poll_data() {
            self.opened.push(&data);
        }
        Ok(())
    }
}

impl Opened {
    fn push(&mut self, data: &[u8]) {
        // An empty one is nobody's datagram.
        if !data.is_empty() {
            self.bytes.extend_from_slice(data);
            self.lens.push_back(data.len());
        }
    }
}
