//! The task of an endpoint: what it waits for, and one round of work.
//!
//! ```text
//!   a socket has datagrams ──► read a batch, feed it ──┐
//!   a timer is due ──────────► handle_timeout ─────────┼──► the peers that changed are pulled,
//!   a handle did something ──► (done on its thread) ───┘    one turn each, and their datagrams sent
//! ```
//!
//! A whole batch is fed before anybody is pulled: acknowledgements coalesce, and datagrams of one
//! peer lie side by side for a segmented send.

use core::future::{Future, poll_fn};
use core::net::SocketAddr;
use core::pin::{Pin, pin};
use core::task::Poll;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::BytesMut;
use sansio::{Instant, Machine};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::gather::Questions;
use super::links::Links;
use super::output::Progress;
use super::peers::Peers;
use super::shared::{Life, Shared};
use crate::connection::{CloseReason, Connection, Woken};
use crate::mux::{Lane, Mux};
use crate::net::{Addresses, Family, Inbox, Outbox, Sockets, Watch};
use crate::timers::Timers;

pub(super) struct Driver {
    pub(super) shared: Arc<Shared>,
    pub(super) sockets: Sockets,
    pub(super) addresses: Addresses,
    /// `None`: the sockets are bound to addresses of their own.
    pub(super) watch: Option<Watch>,
    pub(super) mux: Mux,
    pub(super) peers: Peers,
    pub(super) timers: Timers,
    /// Connections to pull, in turn.
    pub(super) dirty: VecDeque<Arc<Connection>>,
    pub(super) inbox: Inbox,
    /// What payloads that arrive are copied into, whosever they are.
    pub(super) block: BytesMut,
    pub(super) outbox: Outbox,
    pub(super) woken: Woken,
    pub(super) questions: Questions,
    pub(super) links: Links,
    /// Reads that failed since the last one that did not.
    pub(super) failures: usize,
    /// The socket that was read last.
    last: usize,
    sleep: Pin<Box<Sleep>>,
    /// What `sleep` is set to.
    alarm: Option<Instant>,
    /// Connections were told to close.
    closing: bool,
}

/// Why the driver goes on.
enum Reason {
    Readable(usize, Lane, Family),
    Accepted(TcpStream, SocketAddr),
    Other,
}

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        (sockets, addresses): (Sockets, Addresses),
        watch: Option<Watch>,
        mux: Mux,
        questions: Questions,
        links: Links,
    ) -> Self {
        Self {
            shared,
            sockets,
            addresses,
            watch,
            mux,
            peers: Peers::default(),
            timers: Timers::default(),
            dirty: VecDeque::new(),
            inbox: Inbox::new(),
            block: BytesMut::new(),
            outbox: Outbox::default(),
            woken: Woken::default(),
            questions,
            links,
            failures: 0,
            last: 0,
            sleep: Box::pin(tokio::time::sleep(core::time::Duration::ZERO)),
            alarm: None,
            closing: false,
        }
    }

    /// Drives until the endpoint is closed, or nobody is left.
    pub(super) async fn run(mut self) {
        loop {
            let progress = self.isolate(Self::round).unwrap_or(Progress::More);
            if self.is_done() {
                return;
            }
            match self.wait(progress).await {
                Reason::Readable(n, lane, family) => {
                    self.last = n;
                    let read = self.isolate(|driver| driver.read(lane, family));
                    if let Some(Err(error)) = read {
                        tracing::error!(%error, "the endpoint's socket failed");
                        return self.end(&CloseReason::Socket(Arc::new(error)));
                    }
                }
                Reason::Accepted(stream, remote) => self.accept(stream, remote),
                Reason::Other => {}
            }
            // A busy endpoint lets other tasks of its thread run.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// One round of work.
    pub(super) fn round(&mut self) -> Progress {
        let life = self.collect();
        if life == Life::Closing && !core::mem::replace(&mut self.closing, true) {
            self.close_all();
        }
        self.look_around();
        self.fire();
        self.expire_unnamed();
        self.serve_links();
        self.send()
    }

    /// Takes what handles have left in the mailbox. Connections that are new are known by name from
    /// here on: who was told of one may call before it has its turn.
    pub(super) fn collect(&mut self) -> Life {
        let known = self.dirty.len();
        let (found, life) = {
            let mut mailbox = self.shared.mailbox();
            self.dirty.extend(mailbox.dirty.drain(..));
            self.links.ready.extend(mailbox.rung.drain(..));
            (core::mem::take(&mut mailbox.found), mailbox.endpoint)
        };
        self.meet(known);
        for found in found {
            self.questions.add(&found, &self.shared, &mut self.woken);
        }
        life
    }

    /// Tells those whose time has come.
    fn fire(&mut self) {
        let now = self.shared.clock.now();
        while let Some(key) = self.timers.pop_due(now) {
            let Some(connection) = self.peers.get(key) else { continue };
            {
                let mut state = connection.lock();
                let now = self.shared.clock.now();
                state.peer.handle_timeout(now);
            }
            if connection.set_dirty() {
                self.dirty.push_back(Arc::clone(connection));
            }
        }
    }

    /// Waits for something to do.
    async fn wait(&mut self, progress: Progress) -> Reason {
        if progress == Progress::More || !self.links.ready.is_empty() {
            return self.ready_now().await;
        }
        let timers = [
            self.timers.next(),
            self.questions.poll_timeout(),
            self.links.poll_timeout(),
            self.watch.as_ref().map(Watch::poll_timeout),
        ];
        let next = timers.into_iter().flatten().min();
        if next != self.alarm
            && let Some(at) = next
        {
            self.sleep.as_mut().reset(self.shared.clock.std(at).into());
        }
        self.alarm = next;
        let mut wake = pin!(self.shared.wake.notified());
        poll_fn(|cx| {
            if let Poll::Ready((n, lane, family)) = self.sockets.poll_recv_ready(cx, self.last) {
                return Poll::Ready(Reason::Readable(n, lane, family));
            }
            let now = self.shared.clock.now();
            if let Poll::Ready((stream, remote)) = self.links.listeners.poll_accept(cx, now) {
                return Poll::Ready(Reason::Accepted(stream, remote));
            }
            let watch = &mut self.watch;
            let mut moved =
                |cx: &mut _| watch.as_mut().is_some_and(|w| w.poll_changed(cx, now).is_ready());
            let ready = wake.as_mut().poll(cx).is_ready()
                || moved(cx)
                || (self.alarm.is_some() && self.sleep.as_mut().poll(cx).is_ready())
                || self.outbox.poll_ready(cx, &self.sockets).is_ready();
            if ready { Poll::Ready(Reason::Other) } else { Poll::Pending }
        })
        .await
    }

    /// Reads what is there, but waits for nothing.
    async fn ready_now(&self) -> Reason {
        poll_fn(|cx| {
            Poll::Ready(match self.sockets.poll_recv_ready(cx, self.last) {
                Poll::Ready((n, lane, family)) => Reason::Readable(n, lane, family),
                Poll::Pending => Reason::Other,
            })
        })
        .await
    }

    /// Whether nothing is left to do, ever.
    fn is_done(&self) -> bool {
        let mailbox = self.shared.mailbox();
        mailbox.endpoint != Life::Open
            && mailbox.dirty.is_empty()
            && self.peers.is_empty()
            && self.dirty.is_empty()
            && self.outbox.is_empty()
            && self.links.are_closed()
    }

    /// Ends the endpoint, and all connections with it.
    pub(super) fn end(&mut self, reason: &CloseReason) {
        let late = {
            let mut mailbox = self.shared.mailbox();
            mailbox.endpoint = Life::Ended;
            core::mem::take(&mut mailbox.dirty)
        };
        self.dirty.extend(late);
        for connection in self.dirty.drain(..).chain(self.peers.drain()) {
            connection.release(Some(reason.clone()));
        }
        self.shared.peers.store(0, core::sync::atomic::Ordering::Release);
        self.shared.ended.notify_waiters();
    }
}

impl Drop for Driver {
    /// Also when the runtime shuts down in the middle of everything.
    fn drop(&mut self) {
        self.end(&CloseReason::Runtime);
    }
}
