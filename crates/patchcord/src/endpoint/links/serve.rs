//! Reading, writing, and the end of links.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sansio::{Datagram, Ecn, Instant, Path};

use super::LinkId;
use super::table::{Link, Medium, Owner};
use crate::endpoint::driver::Driver;
use crate::mux::Key;
use crate::net::{Arrival, Family, Port};
use crate::stream::{ConnectError, DatagramStream};

/// Links that are served between two looks at the sockets.
const ROUND: usize = 64;

/// Reads of one link in its turn; a read is up to 64 KiB.
const READS: usize = 4;

/// Reads that fail in a row before a UDP socket counts as dead.
const MAX_FAILURES: usize = 64;

/// How long a stream that is not needed any more has for what it was given, and the other side to
/// hear it. An endpoint does not end before.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came of a turn.
enum Turn {
    /// The bell rings when there is more.
    Done,
    /// There may be more.
    More,
    /// It is of no use any more.
    Lost(Box<str>),
}

impl Driver {
    /// A turn for each link whose bell was rung, as far as a round goes.
    pub(in crate::endpoint) fn serve_links(&mut self) {
        for _ in 0..self.links.ready.len().min(ROUND) {
            let Some(id) = self.links.ready.pop_front() else { break };
            let Some(link) = self.links.get_mut(id) else { continue };
            // Before it is looked at: what comes after that rings again.
            link.bell.hush();
            let waker = link.waker.clone();
            let mut cx = Context::from_waker(&waker);
            let turn = match &mut link.medium {
                Medium::Connecting(attempt) => match Pin::new(&mut attempt.0).poll(&mut cx) {
                    Poll::Pending => Turn::Done,
                    Poll::Ready(Ok(outcome)) => self.connected(id, outcome),
                    Poll::Ready(Err(error)) => Turn::Lost(error.to_string().into()),
                },
                Medium::Udp(_) => self.read_socket(id, &mut cx),
                Medium::Stream(_) => self.read_stream(id, &mut cx),
            };
            match turn {
                Turn::Done => {}
                Turn::More => waker.wake(),
                Turn::Lost(why) => self.lose_link(id, &why),
            }
        }
    }

    /// Writes what streams were given. What they do not take now they take when their bell rings.
    pub(in crate::endpoint) fn flush_links(&mut self) {
        while let Some(id) = self.links.unflushed.pop() {
            let Some(link) = self.links.get_mut(id) else { continue };
            let Medium::Stream(stream) = &mut link.medium else { continue };
            let flushed = stream.poll_flush(&mut Context::from_waker(&link.waker));
            self.shared.counters.sends.add(1);
            if let Poll::Ready(Err(error)) = flushed {
                self.lose_link(id, &error.to_string());
            }
        }
    }

    /// Closes the UDP sockets of those that are gone. The outbox is empty: nothing refers to them.
    pub(in crate::endpoint) fn close_sockets(&mut self) {
        for own in self.links.leaving.drain(..) {
            self.sockets.close(own);
        }
    }

    /// A stream was asked for, and stands or does not.
    fn connected(&mut self, id: LinkId, outcome: Result<DatagramStream, ConnectError>) -> Turn {
        let stream = match outcome {
            Ok(stream) => stream,
            Err(error) => return Turn::Lost(error.to_string().into()),
        };
        let Some(link) = self.links.get_mut(id) else { return Turn::Done };
        (link.path.local, link.path.remote) = (stream.local_addr(), stream.remote_addr());
        link.medium = Medium::Stream(stream);
        let Owner::Asked(key, socket) = link.owner else { return Turn::Done };
        let Some(connection) = self.peers.get(key).cloned() else { return Turn::Done };
        self.opened(id, &connection, socket);
        Turn::More
    }

    fn read_socket(&mut self, id: LinkId, cx: &mut Context<'_>) -> Turn {
        for _ in 0..READS {
            let Some(own) = self.links.socket(id) else { return Turn::Done };
            if self.sockets.poll_own_ready(own, cx).is_pending() {
                return Turn::Done;
            }
            let Some(link) = self.links.get_mut(id) else { return Turn::Done };
            let (Some(key), Path { local, .. }) = (link.owner.key(), link.path) else {
                return Turn::Done;
            };
            let family = Family::of(local.ip());
            let count = match self.sockets.recv(Port::Own(own), family, &mut self.inbox) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) if link.failures >= MAX_FAILURES => {
                    return Turn::Lost(error.to_string().into());
                }
                Err(_) => {
                    link.failures += 1;
                    continue;
                }
            };
            link.failures = 0;
            let Self { inbox, peers, shared, dirty, block, .. } = self;
            let Some(connection) = peers.get(key) else { return Turn::Done };
            for arrival in inbox.arrivals(count, shared.clock.now()) {
                shared.counters.received.add(1);
                shared.counters.bytes_received.add(arrival.data.len());
                let Arrival { remote, ecn, received, data, .. } = arrival;
                let datagram = Datagram { path: Path::udp(local, remote), ecn, received, data };
                if let Err(discard) = connection.feed(block, datagram) {
                    tracing::trace!(%remote, %discard, "a datagram was not used");
                }
            }
            if connection.set_dirty() {
                dirty.push_back(Arc::clone(connection));
            }
        }
        Turn::More
    }

    fn read_stream(&mut self, id: LinkId, cx: &mut Context<'_>) -> Turn {
        for _ in 0..READS {
            let Some(link) = self.links.get_mut(id) else { return Turn::Done };
            let Medium::Stream(stream) = &mut link.medium else { return Turn::Done };
            if let Poll::Ready(Err(error)) = stream.poll_flush(cx) {
                return Turn::Lost(error.to_string().into());
            }
            match stream.poll_fill(cx, self.inbox.chunk()) {
                Poll::Pending => return Turn::Done,
                Poll::Ready(Ok(0)) => return Turn::Lost("closed by the other side".into()),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Turn::Lost(error.to_string().into()),
            }
            if let Err(why) = self.take_frames(id) {
                return Turn::Lost(why);
            }
        }
        Turn::More
    }

    /// Feeds the datagrams of a stream to its peer.
    fn take_frames(&mut self, id: LinkId) -> Result<(), Box<str>> {
        let now: Instant = self.shared.clock.now();
        loop {
            let Self { links, peers, mux, shared, dirty, block, .. } = self;
            let Some(Link { owner, medium: Medium::Stream(stream), path, .. }) = links.get_mut(id)
            else {
                return Ok(());
            };
            let Some(frame) = stream.next_frame().map_err(|error| error.to_string())? else {
                return Ok(());
            };
            shared.counters.received.add(1);
            shared.counters.bytes_received.add(frame.len());
            let known = owner.key();
            let key = known.or_else(|| mux.addressee(frame));
            let Some((key, connection)) = key.and_then(|key| Some((key, peers.get(key)?))) else {
                shared.counters.strangers.add(1);
                return Err("it names nobody here".into());
            };
            let datagram = Datagram { path: *path, ecn: Ecn::NotEct, received: now, data: frame };
            let used = connection.feed(block, datagram);
            if connection.set_dirty() {
                dirty.push_back(Arc::clone(connection));
            }
            match (used, known) {
                (Ok(()), Some(_)) => {}
                (Ok(()), None) => self.welcome(id, key),
                (Err(discard), Some(_)) => tracing::trace!(%discard, "a datagram was not used"),
                // It knows a name, and not the password.
                (Err(discard), None) => return Err(discard.to_string().into()),
            }
        }
    }

    /// A link is of no use any more: its connection is told.
    pub(in crate::endpoint) fn lose_link(&mut self, id: LinkId, why: &str) {
        let Some(link) = self.links.remove(id) else { return };
        tracing::debug!(path = %link.path, why, "a link is gone");
        let connection = link.owner.key().and_then(|key| self.peers.get(key)).cloned();
        match (connection, link.owner) {
            (Some(connection), Owner::Asked(_, socket)) => {
                self.not_opened(&connection, socket, why);
            }
            (Some(connection), Owner::Callee(_)) => {
                connection.change_and(&mut self.woken, |state, now| {
                    state.peer.handle_stream_closed(now, link.path);
                });
                self.woken.wake();
            }
            (_, Owner::Nobody) | (None, _) => {}
        }
        self.dispose(link);
    }

    /// A link is not needed any more.
    pub(super) fn close_link(&mut self, id: LinkId) {
        if let Some(link) = self.links.remove(id) {
            self.dispose(link);
        }
    }

    /// A peer is gone, and its links with it.
    pub(in crate::endpoint) fn close_links(&mut self, key: Key) {
        while let Some(id) = self.links.of(key).first().copied() {
            self.close_link(id);
        }
    }

    /// Closes what was taken out, once all is out that it was given.
    fn dispose(&mut self, link: Link) {
        match link.medium {
            Medium::Udp(own) => self.links.leaving.push(own),
            Medium::Connecting(_) => {}
            Medium::Stream(stream) => {
                let (shared, farewells) =
                    (Arc::clone(&self.shared), Arc::clone(&self.links.farewells));
                farewells.fetch_add(1, Ordering::AcqRel);
                self.shared.runtime.spawn(async move {
                    let _ = tokio::time::timeout(FAREWELL, stream.close()).await;
                    farewells.fetch_sub(1, Ordering::AcqRel);
                    shared.wake.notify_one();
                });
            }
        }
    }
}
