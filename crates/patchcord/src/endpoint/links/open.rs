//! What a connection asks for: sockets and streams of its own.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use peer::{Destination, SocketId, SocketRequest};
use sansio::{Path, Transport};

use super::LinkId;
use super::table::{Attempt, Medium, Owner};
use crate::connection::{Connection, SocketChange};
use crate::endpoint::driver::Driver;
use crate::mux::Key;
use crate::stream::{Carrier, Framing, Target, connect_from};

/// Stands for both ends of a stream that is being made: it tells them when it stands.
const UNKNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Driver {
    /// Does what a connection has asked for.
    pub(in crate::endpoint) fn change_links(
        &mut self,
        key: Key,
        connection: &Arc<Connection>,
        changes: Vec<SocketChange>,
    ) {
        for change in changes {
            match change {
                SocketChange::Wanted(request) => self.open_link(key, connection, &request),
                SocketChange::Released(socket) => {
                    if let Some(id) = self.links.asked(key, socket) {
                        self.close_link(id);
                    }
                }
            }
        }
    }

    fn open_link(&mut self, key: Key, connection: &Arc<Connection>, request: &SocketRequest) {
        let SocketRequest { id, near, to, transport, .. } = *request;
        let near = near.and_then(|near| self.addresses.host(near.ip()));
        let owner = Owner::Asked(key, id);
        if transport == Transport::Udp {
            let Some(to) = to.address() else {
                return self.not_opened(connection, id, "no address of the relay is known");
            };
            match self.sockets.open(near, to) {
                Ok((own, local)) => {
                    let path = Path::udp(local, to);
                    let link = self.links.insert(&self.shared, owner, Medium::Udp(own), path);
                    self.opened(link, connection, id);
                }
                Err(error) => {
                    tracing::info!(%to, %error, "no socket to a relay");
                    self.not_opened(connection, id, &error.to_string());
                }
            }
            return;
        }
        let relay = |id| connection.lock().relay(id).map(|server| server.url.clone());
        let target = match to {
            Destination::Address(address) => Some(Target::new(address)),
            Destination::Relay(id) => relay(id).map(|url| Target::named(url.host, url.port)),
        };
        let Some(mut target) = target else {
            return self.not_opened(connection, id, "the relay is not known");
        };
        target.near = near;
        target.framing = match request.framing {
            peer::Framing::Rfc4571 => Framing::Rfc4571,
            peer::Framing::Turn | peer::Framing::Datagrams => Framing::Turn,
        };
        if target.framing == Framing::Turn {
            target.proxy = self.shared.proxy.clone();
        }
        let host = || target.host.to_string().into_boxed_str();
        let name = || request.server_name.clone().unwrap_or_else(host);
        let mut socket = None;
        match transport {
            Transport::Tcp | Transport::Udp => {}
            Transport::Tls => target.carrier = Carrier::Tls(name()),
            Transport::Dtls => {
                let Some(to) = to.address() else {
                    return self.not_opened(connection, id, "no address of the relay is known");
                };
                match self.sockets.bind_apart(near, to) {
                    Ok(bound) => socket = Some(bound),
                    Err(error) => return self.not_opened(connection, id, &error.to_string()),
                }
                target.carrier = Carrier::Dtls(name());
            }
        }
        target.trust = self.shared.trust.clone();
        target.resolver = self.shared.resolver.clone();
        let task = self.shared.runtime.spawn(async move { connect_from(&target, socket).await });
        let path = Path { local: UNKNOWN, remote: UNKNOWN, transport };
        self.links.insert(&self.shared, owner, Medium::Connecting(Attempt(task)), path);
    }

    /// A link that was asked for stands.
    pub(super) fn opened(&mut self, link: LinkId, connection: &Arc<Connection>, id: SocketId) {
        self.links.connect(link);
        let Some(path) = self.links.get_mut(link).map(|link| link.path) else { return };
        connection.change_and(&mut self.woken, |state, now| {
            state.peer.handle_opened(now, id, path);
        });
        self.woken.wake();
    }

    /// A link that was asked for is not to be had.
    pub(super) fn not_opened(&mut self, connection: &Arc<Connection>, id: SocketId, why: &str) {
        connection.change_and(&mut self.woken, |state, now| {
            state.unreachable = Some(why.into());
            state.peer.handle_closed(now, id);
        });
        // It was told with the event, if there was one.
        connection.lock().unreachable = None;
        self.woken.wake();
    }
}
