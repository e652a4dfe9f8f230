//! TCP to and from peers, RFC 6062: made, accepted, and joined with a client's connection.

use std::{cell::RefCell, collections::HashMap, io, net::SocketAddr, rc::Rc, time::Duration};

use sansio::Path;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpSocket, TcpStream},
    sync::Notify,
    task::{AbortHandle, spawn_local},
    time::timeout,
};
use turn::{attribute::ConnectionId, server::Relay};

use crate::core::Core;

/// How long a peer has to answer.
const PATIENCE: Duration = Duration::from_secs(29);

/// Connections to peers, which wait for their client's or are joined with it.
#[derive(Default)]
pub(crate) struct Connections {
    waiting: RefCell<HashMap<ConnectionId, TcpStream>>,
    /// Clients that were joined, and how to end that.
    joined: RefCell<HashMap<Path, ConnectionId>>,
    ends: RefCell<HashMap<ConnectionId, Rc<Notify>>>,
}

impl Connections {
    pub(crate) fn join(&self, id: ConnectionId, client: Path) {
        self.joined.borrow_mut().insert(client, id);
        self.ends.borrow_mut().insert(id, Rc::new(Notify::new()));
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
}

/// Several sockets share the port of a relay: the one that listens, and those that connect.
fn shared(local: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if local.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(local)?;
    Ok(socket)
}

impl Core {
    /// Accepts the connections of peers, until the task is ended.
    pub(crate) fn accept_peers(self: &Rc<Self>, relay: Relay) -> io::Result<AbortHandle> {
        let listener = shared(relay.local)?.listen(16)?;
        let core = self.clone();
        let task = spawn_local(async move {
            while let Ok((stream, peer)) = listener.accept().await {
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

    /// Carries bytes between a client's connection and the peer's that it was joined with. `first`
    /// has come from the client already.
    pub(crate) async fn carry<S>(self: &Rc<Self>, client: Path, mut stream: S, first: Vec<u8>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let joined = self.connections.joined.borrow_mut().remove(&client);
        let end = joined.and_then(|id| self.connections.ends.borrow().get(&id).cloned());
        let (Some(id), Some(end)) = (joined, end) else { return };
        let peer = self.connections.waiting.borrow_mut().remove(&id);
        if let Some(mut peer) = peer {
            let _ = peer.set_nodelay(true);
            let carried = async {
                peer.write_all(&first).await?;
                copy_bidirectional(&mut stream, &mut peer).await
            };
            tokio::select! {
                _ = carried => {}
                () = end.notified() => {}
            }
        }
        self.connections.ends.borrow_mut().remove(&id);
        self.after(|server, _| server.handle_disconnected(id));
    }
}
