//! TCP to and from peers, RFC 6062: made, accepted, and kept until a client's connection is joined.

use std::{cell::RefCell, collections::HashMap, io, net::SocketAddr, rc::Rc, time::Duration};

use sansio::Path;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::Notify,
    task::{AbortHandle, spawn_local},
    time::timeout,
};
use turn::{attribute::ConnectionId, server::Relay};

use crate::{core::Core, streams::PAUSE};

/// How long a peer has to answer.
const PATIENCE: Duration = Duration::from_secs(29);

/// Connections to peers, which wait for their client's or are joined with it.
#[derive(Default)]
pub(crate) struct Connections {
    waiting: RefCell<HashMap<ConnectionId, TcpStream>>,
    /// Clients that were joined, until their connection takes note.
    joined: RefCell<HashMap<Path, ConnectionId>>,
    /// How those that were joined are ended.
    ends: RefCell<HashMap<ConnectionId, Rc<Notify>>>,
}

/// A client's connection is one with this peer's.
pub(crate) struct Joined {
    pub(crate) id: ConnectionId,
    pub(crate) end: Rc<Notify>,
}

impl Connections {
    pub(crate) fn join(&self, id: ConnectionId, client: Path) {
        self.joined.borrow_mut().insert(client, id);
        self.ends.borrow_mut().insert(id, Rc::default());
    }

    pub(crate) fn is_joined(&self, client: Path) -> bool {
        self.joined.borrow().contains_key(&client)
    }

    pub(crate) fn disconnect(&self, id: ConnectionId) {
        self.waiting.borrow_mut().remove(&id);
        if let Some(end) = self.ends.borrow().get(&id) {
            end.notify_one();
        }
    }

    /// What this client was joined with, if it was.
    pub(crate) fn take_joined(&self, client: Path) -> Option<Joined> {
        let id = self.joined.borrow_mut().remove(&client)?;
        let end = self.ends.borrow().get(&id).cloned().unwrap_or_default();
        Some(Joined { id, end })
    }

    /// The peer's connection, which waits no longer.
    pub(crate) fn take_waiting(&self, id: ConnectionId) -> Option<TcpStream> {
        self.waiting.borrow_mut().remove(&id)
    }
}

/// Several sockets share the port of a relay: the one that listens, and those that connect.
fn shared(local: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if local.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if local.is_ipv6() {
        // No way around the policy: IPv4 is not reached in disguise.
        socket2::SockRef::from(&socket).set_only_v6(true)?;
    }
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(local)?;
    Ok(socket)
}

impl Core {
    /// A joined pair is done with.
    pub(crate) fn part(self: &Rc<Self>, joined: &Joined) {
        self.connections.ends.borrow_mut().remove(&joined.id);
        self.connections.waiting.borrow_mut().remove(&joined.id);
        self.after(|server, _| server.handle_disconnected(joined.id));
    }

    /// Accepts the connections of peers, until the task is ended.
    pub(crate) fn accept_peers(self: &Rc<Self>, relay: Relay) -> io::Result<AbortHandle> {
        let listener = shared(relay.local)?.listen(16)?;
        let core = self.clone();
        let task = spawn_local(async move {
            loop {
                let Ok((stream, peer)) = listener.accept().await else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                core.after(|server, now| {
                    if let Some(id) = server.handle_accepted(now, relay, peer) {
                        core.connections.waiting.borrow_mut().insert(id, stream);
                    }
                });
            }
        });
        Ok(task.abort_handle())
    }

    /// Connects to a peer from the port of the relay.
    pub(crate) fn connect(self: &Rc<Self>, id: ConnectionId, local: SocketAddr, peer: SocketAddr) {
        let core = self.clone();
        spawn_local(async move {
            let attempt = async { shared(local)?.connect(peer).await };
            match timeout(PATIENCE, attempt).await {
                Ok(Ok(stream)) => {
                    core.connections.waiting.borrow_mut().insert(id, stream);
                    core.after(|server, now| server.handle_connected(now, id));
                }
                _ => core.after(|server, _| server.handle_disconnected(id)),
            }
        });
    }
}
