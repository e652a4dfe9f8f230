//! The handle of an endpoint.

use core::net::SocketAddr;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use peer::Certificate;
use sansio::Rng;
use thiserror::Error;

use super::counters::EndpointStats;
use super::driver::Driver;
use super::gather::{self, Questions};
use super::links::Links;
use super::relays;
use super::shared::{Life, Shared};
use crate::config::{Choices, Config, EndpointConfig};
use crate::connection::{Connection, PeerConnection};
use crate::mux::Mux;
use crate::net::{self, Addresses, BindError, Family, Interfaces, Ports, Sockets, System, Watch};
use crate::random::Random;
use crate::servers::{IceServerError, Server};

/// UDP sockets and the task that serves any number of connections on them.
///
/// Clones are cheap and are the same endpoint. Connections outlive the handles: when the last one
/// is dropped, the endpoint goes on until its last connection is over.
#[derive(Clone, Debug)]
pub struct Endpoint {
    owned: Arc<Owned>,
}

/// Dropped with the last handle.
#[derive(Debug)]
struct Owned {
    shared: Arc<Shared>,
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.shared.advance(Life::Unowned);
    }
}

/// Why there is no new connection.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PeerConnectionError {
    /// The endpoint was closed.
    #[error("the endpoint is closed")]
    Closed,
    /// As many as [`EndpointConfig::max_peers`] allows.
    #[error("{0} connections exist already")]
    TooMany(usize),
    /// The operating system has no randomness to offer.
    #[error("no randomness: {0}")]
    Randomness(io::Error),
    /// A STUN or TURN server cannot be used.
    #[error(transparent)]
    IceServer(#[from] IceServerError),
}

impl Endpoint {
    /// Binds the sockets and starts the driver on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// The system refuses a socket, randomness, or its list of addresses; or a STUN or TURN server
    /// is named in a way that is not understood.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn bind(config: EndpointConfig) -> Result<Self, BindError> {
        let (endpoint, driver) = Self::assemble(config)?;
        tokio::spawn(driver.run());
        let shared = &endpoint.owned.shared;
        for server in shared.servers.iter().filter(|server| server.tells_addresses()) {
            gather::find(shared, server);
        }
        Ok(endpoint)
    }

    /// Makes a connection. It has its host candidates, and does nothing until descriptions are set.
    ///
    /// # Errors
    ///
    /// The endpoint is closed or full, the system has no randomness, or a STUN or TURN server is named
    /// in a way that is not understood.
    pub fn peer_connection(&self, config: Config) -> Result<PeerConnection, PeerConnectionError> {
        let shared = &self.owned.shared;
        let servers = Server::all(&config.ice_servers)?;
        for server in servers.iter().filter(|server| server.tells_addresses()) {
            gather::find(shared, server);
        }
        let choices = config.choices();
        let config = config.for_peer(&shared.certificate, shared.unix_at_zero);
        self.connect_with(config, choices, &servers)
    }

    /// Closes all connections, waits until their farewells were handed to the sockets, and closes
    /// those.
    pub async fn close(&self) {
        let shared = &self.owned.shared;
        shared.advance(Life::Closing);
        loop {
            let ended = shared.ended.notified();
            if shared.mailbox().endpoint == Life::Ended {
                return;
            }
            ended.await;
        }
    }

    /// The addresses at which peers can connect over TCP.
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.owned.shared.gathered.listeners()
    }

    /// The addresses that are announced as host candidates.
    pub fn local_addresses(&self) -> Vec<SocketAddr> {
        self.owned.shared.gathered.hosts()
    }

    /// Where STUN servers see our sockets, as far as it has answered.
    pub fn reflexive_addresses(&self) -> Vec<SocketAddr> {
        self.owned.shared.gathered.addresses()
    }

    /// The certificate of connections that bring none.
    pub fn certificate(&self) -> &Arc<Certificate> {
        &self.owned.shared.certificate
    }

    /// Connections that exist: made, and not gone with their farewells sent.
    pub fn peer_count(&self) -> usize {
        self.owned.shared.peer_count()
    }

    /// What the endpoint did so far.
    pub fn stats(&self) -> EndpointStats {
        self.owned.shared.counters.read()
    }

    /// An endpoint, and the driver that it needs to live.
    pub(super) fn assemble(config: EndpointConfig) -> Result<(Self, Driver), BindError> {
        Self::assemble_on(config, || Box::new(System::new()))
    }

    /// The same on a host with these interfaces.
    pub(super) fn assemble_on(
        config: EndpointConfig,
        interfaces: impl FnOnce() -> Box<dyn Interfaces>,
    ) -> Result<(Self, Driver), BindError> {
        let servers = Server::all(&config.ice_servers)?;
        let mut rng = Random::from_system().map_err(|error| BindError::Randomness(error.into()))?;
        let [first, second, ..] = rng.next_u64().to_be_bytes();
        let ports = Ports::new(config.ports.clone(), u16::from_be_bytes([first, second]));
        let sockets = Sockets::bind(config.udp, ports)?;
        let bound = sockets.addresses();
        let mut addresses = Addresses::new(bound, config.addresses.clone(), &config.public_ips);
        let mut links = Links::new(rng.next_u64(), &config)?;
        let mux = Mux::new(rng.next_u64(), config.max_sockets);
        let certificate = match &config.certificate {
            Some(certificate) => Arc::clone(certificate),
            None => Arc::new(Certificate::generate().map_err(BindError::Certificate)?),
        };
        let shared = Arc::new(Shared::new(certificate, servers, config, rng.fork()));
        let follows = addresses.follow_host() || links.listeners.addresses.follow_host();
        let watch = match follows {
            true => Some(Watch::new(shared.clock.now(), interfaces())),
            false => None,
        };
        let watch = watch.transpose().map_err(BindError::Interfaces)?;
        // Sockets with an address of their own need the list for its link only.
        let listed = watch.as_ref().map(|watch| watch.known().to_vec());
        let listed = listed.unwrap_or_else(|| net::listed().unwrap_or_default());
        addresses.update(&listed);
        links.listeners.addresses.update(&listed);
        shared.move_to(&addresses, &links.listeners.addresses, &listed);
        let families = sockets.addresses().map(|address| Family::of(address.ip()));
        let questions = Questions::new(families, rng);
        let driver =
            Driver::new(Arc::clone(&shared), (sockets, addresses), watch, mux, questions, links);
        Ok((Self { owned: Arc::new(Owned { shared }) }, driver))
    }

    #[cfg(test)]
    pub(super) fn connect(
        &self,
        config: peer::Config,
        choices: Choices,
    ) -> Result<PeerConnection, PeerConnectionError> {
        self.connect_with(config, choices, &[])
    }

    fn connect_with(
        &self,
        config: peer::Config,
        choices: Choices,
        servers: &[Server],
    ) -> Result<PeerConnection, PeerConnectionError> {
        let shared = &self.owned.shared;
        let rng =
            Random::from_system().map_err(|error| PeerConnectionError::Randomness(error.into()))?;
        let peer = peer::PeerConnection::new(config, Box::new(rng));
        let connection = Connection::new(Arc::clone(shared), peer, choices);
        self.enter(&connection)?;
        for server in shared.servers.iter().chain(servers).filter(|server| server.relays()) {
            relays::add(shared, &connection, server);
        }
        shared.gathered.enter(&connection);
        Ok(PeerConnection::new(connection))
    }

    /// Makes the driver know the connection.
    fn enter(&self, connection: &Arc<Connection>) -> Result<(), PeerConnectionError> {
        let shared = &self.owned.shared;
        let mut mailbox = shared.mailbox();
        if mailbox.endpoint != Life::Open {
            return Err(PeerConnectionError::Closed);
        }
        // Only grows behind the mailbox's lock.
        let count = shared.peer_count();
        if count >= shared.max_peers {
            return Err(PeerConnectionError::TooMany(count));
        }
        shared.peers.fetch_add(1, Ordering::AcqRel);
        connection.set_dirty();
        mailbox.dirty.push(Arc::clone(connection));
        drop(mailbox);
        shared.wake.notify_one();
        Ok(())
    }
}
