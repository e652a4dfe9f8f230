//! A connection's part: how its host candidates are told, and who resolves the names it hears.

use core::net::SocketAddr;
use std::sync::{Arc, Weak};

use mdns::Name;
use sansio::Instant;

use super::Names;
use super::names::Order;
use crate::config::Mdns;
use crate::connection::Connection;

#[derive(Debug)]
pub(crate) struct Member {
    mdns: Mdns,
    names: Arc<Names>,
    connection: Weak<Connection>,
}

impl Member {
    pub(crate) fn new(mdns: Mdns, names: &Arc<Names>, connection: &Weak<Connection>) -> Self {
        Self { mdns, names: Arc::clone(names), connection: Weak::clone(connection) }
    }

    /// An address of the host becomes a candidate, behind its name if that was asked for.
    pub(crate) fn add_host(
        &self,
        peer: &mut peer::PeerConnection,
        now: Instant,
        address: SocketAddr,
    ) {
        let hidden = self.mdns == Mdns::Offer;
        match self.names.name_of(address.ip()).filter(|_| hidden) {
            Some(name) => peer.add_hidden_candidate(now, address, &name.to_string()),
            None => peer.add_local_candidate(now, address),
        }
    }

    /// A candidate of the other side has a name. One that is no UUID under `.local` is not asked for
    /// (draft-ietf-mmusic-mdns-ice-candidates §3.2.2): name servers of ours are none of its business.
    pub(crate) fn resolve(&self, peer: &mut peer::PeerConnection, now: Instant, text: Box<str>) {
        let name = text.parse::<Name>().ok().filter(|_| self.mdns != Mdns::Off);
        let connection = Weak::clone(&self.connection);
        match name {
            Some(name) => self.names.order(Order::Resolve { name, text, connection }),
            None => peer.resolve_name(now, &text, &[]),
        }
    }
}
