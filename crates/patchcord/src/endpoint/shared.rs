//! What an endpoint's handles, its connections and its driver share.

use core::net::IpAddr;
use core::time::Duration;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use peer::Certificate;
use sansio::{Clock, Rng};
use tokio::runtime;
use tokio::sync::Notify;

use super::counters::Counters;
use super::gather::Found;
use super::links::LinkId;
use crate::config::EndpointConfig;
use crate::connection::Connection;
use crate::gather::Gathered;
use crate::mdns::{Link, Names};
use crate::net::{Addresses, Interface};
use crate::servers::{Resolver, Server};
use crate::stream::{Proxy, Trust};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    /// Wall time at the clock's zero.
    pub(super) unix_at_zero: Duration,
    pub(super) certificate: Arc<Certificate>,
    /// Servers of all connections.
    pub(super) servers: Vec<Server>,
    /// Whom TLS and DTLS trust, if the application has said so.
    pub(super) trust: Option<Trust>,
    pub(super) proxy: Option<Arc<Proxy>>,
    pub(super) gathered: Gathered,
    pub(crate) names: Arc<Names>,
    pub(super) resolver: Resolver,
    /// Where the driver lives, and what it has others do.
    pub(super) runtime: runtime::Handle,
    pub(super) max_peers: usize,
    /// Connections that the driver has not let go of.
    pub(super) peers: AtomicUsize,
    pub(super) counters: Counters,
    /// There is something in the mailbox.
    pub(super) wake: Notify,
    /// The driver has ended.
    pub(super) ended: Notify,
    mailbox: Mutex<Mailbox>,
}

/// What the driver is to be told.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    /// Connections that changed, each at most once. A connection is new to the driver when it sees
    /// it here first.
    pub(super) dirty: Vec<Arc<Connection>>,
    /// STUN servers to ask.
    pub(super) found: Vec<Found>,
    /// Links that have something.
    pub(super) rung: Vec<LinkId>,
    pub(super) endpoint: Life,
}

/// How far an endpoint is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Life {
    #[default]
    Open,
    /// No handle is left: it ends with its last connection.
    Unowned,
    /// To be closed, with all connections.
    Closing,
    /// The driver is gone.
    Ended,
}

impl Shared {
    /// For an endpoint of these choices.
    pub(super) fn new(
        certificate: Arc<Certificate>,
        servers: Vec<Server>,
        config: EndpointConfig,
        rng: Box<dyn Rng>,
    ) -> Self {
        let (clock, runtime) = (Clock::start(), runtime::Handle::current());
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            clock,
            unix_at_zero: since_epoch.unwrap_or(Duration::ZERO),
            certificate,
            servers,
            trust: config.trust,
            proxy: config.proxy.map(Arc::new),
            gathered: Gathered::default(),
            resolver: config.resolver,
            names: Names::new(clock, runtime.clone(), rng),
            runtime,
            max_peers: config.max_peers,
            peers: AtomicUsize::new(0),
            counters: Counters::default(),
            wake: Notify::new(),
            ended: Notify::new(),
            mailbox: Mutex::default(),
        }
    }

    /// The host has these interfaces, and the endpoint these addresses of them, for datagrams and
    /// for streams.
    pub(super) fn move_to(&self, addresses: &Addresses, tcp: &Addresses, listed: &[Interface]) {
        let hosts = addresses.hosts();
        self.names.move_to(&hosts, Link::all(listed, &hosts));
        let all = |addresses: &Addresses| addresses.announced().collect::<Vec<_>>();
        self.gathered.move_to(&all(addresses), &all(tcp));
    }

    /// Whether a server of this address can be reached over UDP, as far as families say: we have one
    /// of it.
    pub(super) fn reaches(&self, ip: IpAddr) -> bool {
        let ours = self.gathered.hosts();
        ours.iter().any(|own| own.is_ipv4() == ip.is_ipv4())
    }

    /// Tells the driver that a connection changed.
    pub(crate) fn mark(&self, connection: &Arc<Connection>) {
        if !connection.set_dirty() {
            return;
        }
        let mut mailbox = self.mailbox();
        // Nobody would empty it, and it would keep the connection alive.
        if mailbox.endpoint != Life::Ended {
            mailbox.dirty.push(Arc::clone(connection));
            drop(mailbox);
            self.wake.notify_one();
        }
    }

    /// A call into this connection has panicked; the driver is to let go of it.
    pub(crate) fn panicked(&self, connection: &Arc<Connection>) {
        tracing::error!("a connection has panicked: it is over");
        self.counters.panicked.add(1);
        self.mark(connection);
    }

    /// Tells the driver that a link has something for it.
    pub(super) fn ring(&self, link: LinkId) {
        let mut mailbox = self.mailbox();
        if mailbox.endpoint != Life::Ended {
            mailbox.rung.push(link);
            drop(mailbox);
            self.wake.notify_one();
        }
    }

    /// Moves on, never back.
    pub(super) fn advance(&self, to: Life) {
        {
            let mut mailbox = self.mailbox();
            if (mailbox.endpoint as u8) < to as u8 {
                mailbox.endpoint = to;
            }
        }
        self.wake.notify_one();
    }

    pub(super) fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn peer_count(&self) -> usize {
        self.peers.load(Ordering::Acquire)
    }
}
