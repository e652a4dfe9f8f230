//! The task that asks and answers.

use core::future::{Future, poll_fn};
use core::net::IpAddr;
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Weak;

use mdns::{Event, Mdns, Name};
use sansio::{Clock, Datagram, Instant, Machine, Path};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Sleep;

use super::Link;
use super::names::Order;
use crate::connection::Connection;

pub(super) struct Service {
    clock: Clock,
    links: Vec<Link>,
    /// One a link, while there is something to do.
    sockets: Vec<(Link, UdpSocket)>,
    machine: Mdns,
    waiting: BTreeMap<Name, Vec<Asker>>,
    /// Since when there is nothing to do.
    idle: Option<Instant>,
    buf: Vec<u8>,
}

/// Who waits for a name, and how he writes it.
struct Asker {
    connection: Weak<Connection>,
    text: Box<str>,
}

/// Why the task goes on.
enum Reason {
    /// `None`: the endpoint is gone.
    Order(Option<Order>),
    Readable(usize),
    Time,
}

impl Service {
    /// How long sockets stay open when nobody needs them. Names are announced when they are made, and
    /// who has heard that need not ask; who asks within a second after it waits for the rest of that
    /// second (RFC 6762 §6).
    const LINGER: Duration = Duration::from_secs(600);
    /// The largest message, RFC 6762 §17.
    const LARGEST: usize = 9000;
    /// Candidates that wait for their address, of all connections.
    const MAX_WAITING: usize = 4096;
    /// Datagrams that are read at a time.
    const BATCH: usize = 32;

    pub(super) fn new(clock: Clock, links: Vec<Link>) -> Self {
        // Two that ask by unicast on one host would take each other's answers.
        let unicast_first = links.iter().all(Link::is_alone);
        let config = mdns::Config { unicast_first, ..mdns::Config::default() };
        Self {
            clock,
            links,
            sockets: Vec::new(),
            machine: Mdns::new(config),
            waiting: BTreeMap::new(),
            idle: None,
            buf: vec![0; Self::LARGEST],
        }
    }

    /// Serves until the endpoint and all its connections are gone.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            match self.wait(&mut orders).await {
                Reason::Order(Some(order)) => {
                    self.open();
                    self.take(order);
                }
                Reason::Order(None) => return self.end().await,
                Reason::Readable(n) => self.read(n),
                Reason::Time => self.machine.handle_timeout(self.clock.now()),
            }
            self.send().await;
            self.tell();
            self.rest();
        }
    }

    async fn wait(&self, orders: &mut mpsc::UnboundedReceiver<Order>) -> Reason {
        let idle = self.idle.map(|since| since + Self::LINGER);
        let next = self.machine.poll_timeout().into_iter().chain(idle).min();
        let mut sleep: Pin<&mut Option<Sleep>> =
            pin!(next.map(|at| tokio::time::sleep_until(self.clock.std(at).into())));
        poll_fn(|cx| {
            if let Poll::Ready(order) = orders.poll_recv(cx) {
                return Poll::Ready(Reason::Order(order));
            }
            for (n, (_, socket)) in self.sockets.iter().enumerate() {
                if socket.poll_recv_ready(cx).is_ready() {
                    return Poll::Ready(Reason::Readable(n));
                }
            }
            match sleep.as_mut().as_pin_mut().map(|sleep| sleep.poll(cx)) {
                Some(Poll::Ready(())) => Poll::Ready(Reason::Time),
                _ => Poll::Pending,
            }
        })
        .await
    }

    fn take(&mut self, order: Order) {
        let now = self.clock.now();
        match order {
            Order::Resolve { name, text, connection } => {
                let asker = Asker { connection, text };
                let waiting: usize = self.waiting.values().map(Vec::len).sum();
                match self.machine.resolve(now, name) {
                    // Who hears that many names has them from somebody who means no good.
                    Ok(()) if waiting >= Self::MAX_WAITING => asker.tell(&[]),
                    Ok(()) => self.waiting.entry(name).or_default().push(asker),
                    Err(error) => {
                        tracing::debug!(%error, %name, "not asked for");
                        asker.tell(&[]);
                    }
                }
            }
            Order::Offer(name, address) => {
                if let Err(error) = self.machine.offer(now, name, address) {
                    tracing::warn!(%error, %address, "nobody will find it by its name");
                }
            }
            Order::Withdraw(name) => self.machine.withdraw(name),
            Order::Move(links) => {
                self.links = links;
                self.open();
            }
        }
    }

    /// Has a socket for each link. One that cannot be had is left out: ICE goes on without.
    fn open(&mut self) {
        let Self { links, sockets, .. } = self;
        sockets.retain(|(link, _)| links.contains(link));
        for link in links {
            if sockets.iter().any(|(known, _)| known == link) {
                continue;
            }
            match link.open() {
                Ok(socket) => sockets.push((link.clone(), socket)),
                Err(error) => tracing::debug!(%error, local = %link.local, "no multicast"),
            }
        }
        let locals: Vec<_> = self.sockets.iter().map(|(link, _)| link.local).collect();
        if self.machine.links() != locals {
            self.machine.set_links(self.clock.now(), &locals);
        }
    }

    fn read(&mut self, n: usize) {
        let Self { sockets, machine, clock, buf, .. } = self;
        let Some((link, socket)) = sockets.get(n) else { return };
        for _ in 0..Self::BATCH {
            // Readiness ends with an error, of whatever kind.
            let Ok((len, remote)) = socket.try_recv_from(buf) else { return };
            let (Some(data), true) = (buf.get_mut(..len), link.reaches(remote)) else { continue };
            let now = clock.now();
            let datagram = Datagram::new(Path::udp(link.local, remote), now, data);
            if let Err(discard) = machine.handle_input(now, datagram) {
                tracing::trace!(%remote, %discard, "not used");
            }
        }
    }

    async fn send(&mut self) {
        let mut bytes = Vec::new();
        while let Some(transmit) = self.machine.poll_transmit(self.clock.now(), &mut bytes) {
            let local = transmit.path.local;
            if let Some((_, socket)) = self.sockets.iter().find(|(link, _)| link.local == local)
                && let Err(error) = socket.send_to(&bytes, transmit.path.remote).await
            {
                tracing::debug!(%error, path = %transmit.path, "not sent");
            }
            bytes.clear();
        }
    }

    /// Tells connections what was found.
    fn tell(&mut self) {
        while let Some(Event::Resolved(name, addresses)) = self.machine.poll_event() {
            for asker in self.waiting.remove(&name).unwrap_or_default() {
                asker.tell(&addresses);
            }
        }
    }

    /// Lets go of the sockets when nobody has needed them for a while.
    fn rest(&mut self) {
        let now = self.clock.now();
        if !self.machine.is_idle() {
            self.idle = None;
        } else if !self.sockets.is_empty() {
            let since = *self.idle.get_or_insert(now);
            if since + Self::LINGER <= now {
                self.idle = None;
                self.sockets.clear();
                self.machine.set_links(now, &[]);
            }
        }
    }

    /// Says goodbye.
    async fn end(mut self) {
        self.machine.withdraw_all();
        self.send().await;
    }
}

impl Asker {
    fn tell(&self, addresses: &[IpAddr]) {
        if let Some(connection) = self.connection.upgrade() {
            connection.isolate(|| {
                connection.command(|peer, now| peer.resolve_name(now, &self.text, addresses));
            });
        }
    }
}

#[cfg(test)]
mod tests;
