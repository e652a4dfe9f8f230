//! Datagrams out: peers are pulled, neighbours grouped.

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sansio::{Ecn, Instant, Machine, Path, Transmit, Transport};

use super::driver::Driver;
use super::links::LinkId;
use crate::connection::Connection;
use crate::mux::Key;
use crate::net::{Family, Head, Packet, Port, Sent};

/// How far a round of sending got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// All is sent.
    Done,
    /// Somebody has more to say.
    More,
    /// A socket takes no more.
    Blocked,
}

/// How a datagram leaves.
#[derive(Clone, Copy, Debug)]
enum Way {
    Packet(Head),
    Stream(LinkId),
}

/// Datagrams that a peer may send in its turn: enough for a full segmented send, and not so many
/// that others wait for long.
const TURN: usize = 64;

/// Turns between two reads: with thousands of peers that have something to say, the sockets'
/// buffers would overflow before all of them had theirs.
const ROUND: usize = 64;

impl Driver {
    /// One turn for each peer that has something to say, as far as a round goes.
    pub(super) fn send(&mut self) -> Progress {
        if !self.flush() {
            return Progress::Blocked;
        }
        self.close_sockets();
        self.questions.ask(&self.shared, &mut self.outbox, &mut self.woken);
        if !self.flush() {
            return Progress::Blocked;
        }
        for _ in 0..self.dirty.len().min(ROUND) {
            let Some(connection) = self.dirty.pop_front() else { break };
            self.pull(connection);
            self.flush_links();
            if !self.flush() {
                return Progress::Blocked;
            }
        }
        if self.dirty.is_empty() { Progress::Done } else { Progress::More }
    }

    /// Pulls a peer's datagrams into the outbox.
    fn pull(&mut self, connection: Arc<Connection>) {
        // Before the mutex is taken: what changes after it was taken marks it again.
        connection.dirty.store(false, Ordering::Release);
        let Some(key) = self.key_of(&connection) else { return };
        // A clone of the handle, so that the driver can be called while the state is locked.
        let shared = Arc::clone(&connection);
        let mut state = shared.lock();
        let now = self.shared.clock.now();
        // Before the first check is out: it may be answered by one.
        self.mux.add_names(key, state.peer.local_ufrags());
        let mut last: Option<(Path, Ecn, Way)> = None;
        let mut drained = false;
        for _ in 0..TURN {
            let start = self.outbox.bytes.len();
            let Some(transmit) = state.peer.poll_transmit(now, &mut self.outbox.bytes) else {
                drained = true;
                break;
            };
            let Transmit { path, ecn, len, .. } = transmit;
            let way = match last {
                Some((known, bits, way)) if (known, bits) == (path, ecn) => Some(way),
                _ => self.way(key, &transmit),
            };
            last = way.map(|way| (path, ecn, way));
            if !self.put(now, key, start, way) {
                state.peer.handle_unsent(len);
                self.outbox.bytes.truncate(start);
                self.shared.counters.lost.add(1);
            }
        }
        state.absorb(now, &connection.changed, &mut self.woken);
        let changes = core::mem::take(&mut state.sockets);
        if core::mem::take(&mut state.mapping_doubted) {
            self.questions.doubt(now);
        }
        let deadline = state.peer.poll_timeout();
        let over = state.peer.close_reason().is_some();
        drop(state);
        self.woken.wake();
        self.change_links(key, &connection, changes);
        if !drained {
            if connection.set_dirty() {
                self.dirty.push_back(connection);
            }
        } else if over {
            self.remove(key);
        } else {
            // A deadline that is not in the future would make the driver spin.
            self.timers.set(key, deadline.map(|at| at.max(now + Duration::from_nanos(1))));
        }
    }

    /// A datagram of this peer was appended to the outbox at `start`, and goes this way. False: it
    /// does not go.
    fn put(&mut self, now: Instant, key: Key, start: usize, way: Option<Way>) -> bool {
        let datagram = self.outbox.bytes.get(start..).unwrap_or_default();
        let len = datagram.len();
        match way {
            Some(Way::Packet(head)) => {
                if matches!(head.port, Port::Shared(_)) {
                    self.mux.sent(now, key, datagram);
                }
                self.outbox.push(Packet { head, len });
                true
            }
            Some(Way::Stream(link)) if self.links.queue(link, datagram) => {
                self.shared.counters.sent.add(1);
                self.shared.counters.bytes_sent.add(len);
                self.outbox.bytes.truncate(start);
                true
            }
            Some(Way::Stream(_)) | None => false,
        }
    }

    /// Where a datagram goes, and from which socket. `None`: there is none for it.
    fn way(&mut self, key: Key, transmit: &Transmit<Path>) -> Option<Way> {
        let Path { local, remote, transport } = transmit.path;
        let ecn = transmit.ecn;
        if let Some(link) = self.links.find(key, transmit.path) {
            return Some(match self.links.socket(link) {
                Some(own) => {
                    let (port, source) = (Port::Own(own), None);
                    Way::Packet(Head { port, source, destination: remote, ecn })
                }
                None => Way::Stream(link),
            });
        }
        if transport != Transport::Udp {
            return None;
        }
        let lane = self.mux.lane(key, remote)?;
        if let Err(error) = self.sockets.ensure(lane, Family::of(remote.ip())) {
            tracing::warn!(%error, %remote, "no socket");
            return None;
        }
        let source = self.addresses.source(local);
        Some(Way::Packet(Head { port: Port::Shared(lane), source, destination: remote, ecn }))
    }

    /// Sends what is in the outbox. False: a socket takes no more.
    fn flush(&mut self) -> bool {
        let Self { outbox, sockets, shared, .. } = self;
        while let Some((run, bytes)) = outbox.next_run(|head| sockets.max_segments(head)) {
            match sockets.send(&run, bytes) {
                Sent::Blocked => return false,
                Sent::Done => {
                    shared.counters.sends.add(1);
                    shared.counters.sent.add(run.count);
                    shared.counters.bytes_sent.add(run.len);
                }
                Sent::Lost(error) => {
                    tracing::debug!(%error, to = %run.head.destination, "datagrams were lost");
                    shared.counters.lost.add(run.count);
                }
            }
            outbox.advance(&run);
        }
        true
    }
}
