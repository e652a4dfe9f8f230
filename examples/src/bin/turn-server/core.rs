//! The machine, its sockets, and one batch of datagrams through it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use anyhow::Context;
use patchcord::Random;
use sansio::{Clock, Datagram, Ecn, Instant, Machine, Path, Transmit, Transport};
use stun::behavior;
use tokio::task::spawn_local;
use turn::server::{Config, Event, Server, Stats};

use crate::{
    connections::Connections,
    listeners::Listeners,
    metrics::Shared,
    relays::Relays,
    settings::Settings,
    streams::Streams,
    udp::{Inbox, Run, Socket},
};

/// How often the timers are looked at.
const TICK: Duration = Duration::from_millis(100);

/// So many ICMP errors of one socket are taken before others have their turn.
#[cfg(target_os = "linux")]
const ERRORS: usize = 16;

/// So many batches of one socket are taken before others have their turn.
const BATCHES: usize = 8;

/// Everything that tasks share. They are all on one thread, and no borrow is held over an await.
pub(crate) struct Core {
    pub(crate) server: RefCell<Server>,
    pub(crate) clock: Clock,
    listeners: Listeners,
    pub(crate) relays: Relays,
    pub(crate) streams: Streams,
    pub(crate) connections: Connections,
    /// Bytes that one allocation may relay at once.
    pub(crate) burst: usize,
    /// How long connections with peers may carry nothing.
    pub(crate) tcp_idle: Duration,
    buffers: RefCell<Buffers>,
    /// How many datagrams one send may carry.
    segments: usize,
    /// Datagrams that a full socket or stream has not taken.
    pub(crate) unsent: Cell<u64>,
    metrics: Shared,
}

struct Buffers {
    inbox: Inbox,
    out: Vec<u8>,
    runs: Vec<Run>,
}

impl Core {
    pub(crate) fn new(
        settings: &Settings,
        listeners: Listeners,
        behavior: Vec<behavior::Server>,
    ) -> anyhow::Result<Self> {
        let rng = Box::new(Random::from_system().context("no randomness")?);
        let config = Config { behavior, ..settings.config()? };
        let burst = config.bandwidth.map(|limit| usize::try_from(limit.burst.max(1)));
        let server = Server::new(config, settings.accounts()?, rng)?;
        Ok(Self {
            server: RefCell::new(server),
            clock: Clock::start(),
            segments: listeners.max_segments(),
            listeners,
            relays: Relays::default(),
            streams: Streams::default(),
            connections: Connections::default(),
            burst: burst.and_then(Result::ok).unwrap_or(usize::MAX),
            tcp_idle: settings.tcp_idle(),
            buffers: RefCell::new(Buffers {
                inbox: Inbox::new(),
                out: Vec::with_capacity(1 << 20),
                runs: Vec::with_capacity(64),
            }),
            unsent: Cell::new(0),
            metrics: Shared::default(),
        })
    }

    /// Serves all sockets.
    pub(crate) async fn listen(self: &Rc<Self>, settings: &Settings) -> anyhow::Result<()> {
        for socket in &self.listeners.main {
            spawn_local(self.clone().serve(socket.clone()));
            let address = socket.address();
            self.listen_for_streams(address, None).with_context(|| format!("binding {address}"))?;
            crate::say(&format!("stun and turn over UDP and TCP on {address}"));
        }
        for socket in &self.listeners.others {
            spawn_local(self.clone().serve(socket.clone()));
            crate::say(&format!("stun of RFC 5780 over UDP on {}", socket.address()));
        }
        if !settings.listen_tls.is_empty() {
            let acceptor = crate::tls::acceptor(settings)?;
            for address in &settings.listen_tls {
                let bound = self.listen_for_streams(*address, Some(acceptor.clone()));
                let address = bound.with_context(|| format!("binding {address}"))?;
                crate::say(&format!("turns over TLS on {address}"));
            }
        }
        if let Some(address) = settings.metrics {
            let address = crate::metrics::serve(address, self.metrics.clone()).await?;
            crate::say(&format!("metrics on http://{address}/metrics"));
        }
        Ok(())
    }

    /// Reads one socket for as long as it is wanted.
    pub(crate) async fn serve(self: Rc<Self>, socket: Rc<Socket>) {
        while let Ok(ready) = socket.readable().await {
            if ready.is_error() {
                self.hear_errors(&socket);
            }
            for _ in 0..BATCHES {
                if !self.pump(&socket) {
                    break;
                }
            }
            // Readiness may still be noted: others have their turn.
            tokio::task::yield_now().await;
        }
    }

    /// What ICMP says of earlier datagrams, through the machine.
    #[cfg(target_os = "linux")]
    fn hear_errors(&self, socket: &Socket) {
        let Buffers { out, runs, .. } = &mut *self.buffers.borrow_mut();
        let (now, local) = (self.clock.now(), socket.address());
        for _ in 0..ERRORS {
            let Ok(error) = socket.next_error() else { break };
            let Some((peer, error)) = error else { continue };
            let start = out.len();
            let told = self.server.borrow_mut().handle_icmp(now, (local, peer), error, out);
            if let Some(transmit) = told {
                self.enqueue(transmit, start, runs);
            }
        }
        self.flush(out, runs);
    }

    /// Other systems have no such queue.
    #[cfg(not(target_os = "linux"))]
    fn hear_errors(&self, _: &Socket) {}

    /// One batch through the machine. True: there may be more.
    fn pump(self: &Rc<Self>, socket: &Socket) -> bool {
        let Buffers { inbox, out, runs } = &mut *self.buffers.borrow_mut();
        let Ok(count) = socket.receive(inbox) else { return true };
        let (now, bound) = (self.clock.now(), socket.address());
        let mut server = self.server.borrow_mut();
        for (meta, data) in inbox.datagrams(count) {
            let ip = meta.dst_ip.filter(|_| bound.ip().is_unspecified()).unwrap_or(bound.ip());
            let path = Path::udp(SocketAddr::new(ip, bound.port()), meta.addr);
            let ecn = match meta.ecn {
                None => Ecn::NotEct,
                Some(quinn_udp::EcnCodepoint::Ect0) => Ecn::Ect0,
                Some(quinn_udp::EcnCodepoint::Ect1) => Ecn::Ect1,
                Some(quinn_udp::EcnCodepoint::Ce) => Ecn::Ce,
            };
            let (start, input) = (out.len(), Datagram { path, ecn, received: now, data });
            match server.forward(now, input, out) {
                Ok(Some(transmit)) => self.enqueue(transmit, start, runs),
                Ok(None) => {}
                Err(discard) => tracing::debug!(%path, %discard, "not used"),
            }
        }
        drop(server);
        self.flush(out, runs);
        self.settle(now, out, runs);
        count == quinn_udp::BATCH_SIZE
    }

    /// One frame of a stream through the machine.
    pub(crate) fn take_frame(self: &Rc<Self>, path: Path, frame: &mut [u8]) {
        let Buffers { out, runs, .. } = &mut *self.buffers.borrow_mut();
        let now = self.clock.now();
        let outcome = self.server.borrow_mut().forward(now, Datagram::new(path, now, frame), out);
        match outcome {
            Ok(Some(transmit)) => self.enqueue(transmit, 0, runs),
            Ok(None) => {}
            Err(discard) => tracing::debug!(%path, %discard, "not used"),
        }
        self.flush(out, runs);
        self.settle(now, out, runs);
    }

    /// After a call of the machine that is not about a datagram.
    pub(crate) fn after(self: &Rc<Self>, call: impl FnOnce(&mut Server, Instant)) {
        let now = self.clock.now();
        call(&mut self.server.borrow_mut(), now);
        let Buffers { out, runs, .. } = &mut *self.buffers.borrow_mut();
        self.settle(now, out, runs);
    }

    /// Does what the machine wants, and sends what it says by itself.
    fn settle(self: &Rc<Self>, now: Instant, out: &mut Vec<u8>, runs: &mut Vec<Run>) {
        loop {
            let event = self.server.borrow_mut().poll_event();
            let Some(event) = event else { break };
            tracing::debug!(?event);
            match event {
                Event::OpenRelay(relay) => self.open_relay(now, relay),
                Event::CloseRelay(relay) => self.relays.close(relay),
                Event::Connect { id, local, peer } => self.connect(id, local, peer),
                Event::Joined { id, client } => self.connections.join(id, client),
                Event::Disconnect(id) => self.connections.disconnect(id),
                Event::Allocated(client) => tracing::info!(%client, "allocated"),
                Event::Released(client) => tracing::info!(%client, "released"),
            }
        }
        loop {
            let start = out.len();
            let transmit = self.server.borrow_mut().poll_transmit(now, out);
            let Some(transmit) = transmit else { break };
            self.enqueue(transmit, start, runs);
        }
        self.flush(out, runs);
    }

    fn enqueue(&self, transmit: Transmit<Path>, start: usize, runs: &mut Vec<Run>) {
        if !runs.last_mut().is_some_and(|run| run.extend(&transmit, self.segments)) {
            runs.push(Run::new(transmit, start));
        }
    }

    fn flush(&self, out: &mut Vec<u8>, runs: &mut Vec<Run>) {
        for run in runs.drain(..) {
            let sent = if run.path.transport == Transport::Udp {
                self.send(&run, out)
            } else {
                self.streams.send(run.path, &out[run.start..run.end])
            };
            if !sent {
                self.unsent.set(self.unsent.get() + run.count as u64);
            }
        }
        out.clear();
    }

    fn send(&self, run: &Run, out: &[u8]) -> bool {
        let local = run.path.local;
        let relay = self.relays.socket(local);
        let socket = relay.as_ref().or_else(|| self.listeners.at(local));
        socket.is_some_and(|socket| socket.send(run, out).is_ok())
    }

    /// Looks at the timers, for ever.
    pub(crate) async fn keep_time(self: Rc<Self>) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            let due = self.server.borrow().poll_timeout();
            if due.is_some_and(|at| at <= self.clock.now()) {
                self.after(Server::handle_timeout);
            }
            self.metrics.set(self.stats(), self.unsent.get());
        }
    }

    fn stats(&self) -> Stats {
        self.server.borrow().stats()
    }

    /// What was done, in one line.
    pub(crate) fn summary(&self) -> String {
        let stats = self.stats();
        format!(
            "{} allocations, {} datagrams to peers and {} to clients",
            stats.allocated, stats.datagrams_to_peers, stats.datagrams_to_clients
        )
    }
}

/// By the address to which sockets are bound.
pub(crate) type ByAddress<T> = RefCell<HashMap<SocketAddr, T>>;
