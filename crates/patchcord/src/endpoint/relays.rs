//! TURN servers of a connection. Over UDP and DTLS their names are looked up while the call begins; over TCP and
//! TLS whoever connects does that, here or at the other end of a proxy. Then the connection asks them
//! by itself, from sockets of its own.

use core::net::SocketAddr;
use std::sync::{Arc, Weak};

use peer::{RelayId, RelayServer};
use sansio::{Instant, Transport};
use turn::client::Families;

use super::shared::Shared;
use crate::connection::{Connection, IceCandidateError, State, Woken};
use crate::servers::{Server, by_family};

/// Takes a TURN server for a connection. Gathering waits for it.
pub(super) fn add(shared: &Arc<Shared>, connection: &Arc<Connection>, server: &Server) {
    let by_name = server.url.transport.is_stream();
    let id = connection.change(|state, now| {
        let id = state.name_relay(server.clone());
        if by_name {
            ask(state, now, id, Vec::new());
        }
        id
    });
    if !by_name {
        find(shared, connection, server.clone(), id);
    }
}

/// Looks up where it is.
fn find(shared: &Arc<Shared>, connection: &Arc<Connection>, server: Server, id: RelayId) {
    connection.lock().sources += 1;
    let (shared, connection) = (Arc::clone(shared), Arc::downgrade(connection));
    shared.runtime.clone().spawn(async move {
        let found = shared.resolver.resolve(&server.url.host).await;
        let usable = found.map(|all| {
            let usable: Vec<_> = all.into_iter().filter(|ip| shared.reaches(*ip)).collect();
            by_family(&usable).map(|family| {
                let ports = family.into_iter().map(|ip| SocketAddr::new(ip, server.url.port));
                ports.collect::<Vec<_>>()
            })
        });
        let found = match usable {
            Ok([v6, v4]) if v6.is_empty() && v4.is_empty() => {
                Err("its addresses are of a family that we have not".to_owned())
            }
            Ok(families) => Ok(families),
            Err(error) => Err(error.to_string()),
        };
        enter(&connection, (id, &server), found);
    });
}

/// The connection learns what was found: both families are asked at once, and of each, one address
/// after the other.
fn enter(
    connection: &Weak<Connection>,
    (id, server): (RelayId, &Server),
    found: Result<[Vec<SocketAddr>; 2], String>,
) {
    let Some(connection) = connection.upgrade() else { return };
    let mut woken = Woken::default();
    if let Err(why) = &found {
        connection.fail(IceCandidateError::unreachable(&server.text, why), &mut woken);
    }
    connection.change_and(&mut woken, |state, now| {
        if let Ok(families) = found {
            for addresses in families.into_iter().filter(|addresses| !addresses.is_empty()) {
                ask(state, now, id, addresses);
            }
        }
        state.gathered_one(now);
    });
    woken.wake();
}

fn ask(state: &mut State, now: Instant, id: RelayId, addresses: Vec<SocketAddr>) {
    let Some(server) = state.relay(id) else { return };
    let transport = server.url.transport;
    let relay = RelayServer {
        id,
        addresses,
        transport,
        server_name: matches!(transport, Transport::Tls | Transport::Dtls)
            .then(|| server.url.host.to_string().into()),
        username: server.username.clone(),
        password: server.credential.clone(),
        // For peers of either family, as far as the server has them.
        families: Families::Both,
    };
    let text = server.text.clone();
    if let Err(error) = state.peer.add_relay(now, relay) {
        tracing::warn!(server = &*text, %error, "a relay is left out");
    }
}
