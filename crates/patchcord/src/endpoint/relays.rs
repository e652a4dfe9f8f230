//! TURN servers of a connection are looked up while the call begins; then the connection asks them
//! by itself, from sockets of its own.

use core::net::SocketAddr;
use std::sync::{Arc, Weak};

use peer::RelayServer;
use sansio::Transport;
use turn::client::Families;

use super::shared::Shared;
use crate::connection::{Connection, IceCandidateError, NamedRelay, Woken};
use crate::servers::{Host, Server, one_of_each_family};

/// Looks up a TURN server for a connection, whose gathering waits for it.
pub(super) fn find(shared: &Arc<Shared>, connection: &Arc<Connection>, server: Server) {
    connection.lock().sources += 1;
    let (shared, connection) = (Arc::clone(shared), Arc::downgrade(connection));
    shared.runtime.clone().spawn(async move {
        let found = shared.resolver.resolve(&server.url.host).await;
        let usable = found.map(|all| {
            let usable = one_of_each_family(&all).filter(|ip| shared.reaches(*ip));
            usable.map(|ip| SocketAddr::new(ip, server.url.port)).collect::<Vec<_>>()
        });
        let failure = match usable {
            Ok(addresses) if addresses.is_empty() => {
                Err("its addresses are of a family that we have not".to_owned())
            }
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(error.to_string()),
        };
        enter(&connection, &server, failure);
    });
}

/// The connection learns what was found.
fn enter(connection: &Weak<Connection>, server: &Server, found: Result<Vec<SocketAddr>, String>) {
    let Some(connection) = connection.upgrade() else { return };
    let mut woken = Woken::default();
    if let Err(why) = &found {
        connection.fail(IceCandidateError::unreachable(&server.text, why), &mut woken);
    }
    connection.change_and(&mut woken, |state, now| {
        for address in found.unwrap_or_default() {
            let transport = server.url.transport;
            let relay = NamedRelay { server: (address, transport), url: server.text.clone() };
            state.relays.push(relay);
            let added = state.peer.add_relay(now, relay_server(server, address));
            if let Err(error) = added {
                tracing::warn!(server = &*server.text, %error, "a relay is left out");
            }
        }
        state.gathered_one(now);
    });
    woken.wake();
}

fn relay_server(server: &Server, address: SocketAddr) -> RelayServer {
    let name = match &server.url.host {
        Host::Name(name) => name.clone(),
        Host::Ip(ip) => ip.to_string().into(),
    };
    let transport = server.url.transport;
    RelayServer {
        address,
        transport,
        server_name: (transport == Transport::Tls).then_some(name),
        username: server.username.clone(),
        password: server.credential.clone(),
        // For peers of either family, as far as the server has them.
        families: Families::Both,
    }
}
