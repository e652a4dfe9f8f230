//! Relay sockets come and go.

use std::{net::SocketAddr, rc::Rc};

use sansio::{Instant, Transport};
use tokio::task::{AbortHandle, spawn_local};
use turn::server::Relay;

use crate::{
    core::{ByAddress, Core},
    udp::Socket,
};

/// The sockets that are open, each with the task that reads it.
#[derive(Default)]
pub(crate) struct Relays {
    udp: ByAddress<(Rc<Socket>, AbortHandle)>,
    tcp: ByAddress<AbortHandle>,
}

impl Relays {
    pub(crate) fn socket(&self, local: SocketAddr) -> Option<Rc<Socket>> {
        self.udp.borrow().get(&local).map(|(socket, _)| socket.clone())
    }

    pub(crate) fn close(&self, relay: Relay) {
        let task = if relay.transport == Transport::Udp {
            self.udp.borrow_mut().remove(&relay.local).map(|(_, task)| task)
        } else {
            self.tcp.borrow_mut().remove(&relay.local)
        };
        if let Some(task) = task {
            task.abort();
        }
    }
}

impl Core {
    /// Opens a relay socket, and tells the machine.
    pub(crate) fn open_relay(self: &Rc<Self>, now: Instant, relay: Relay) {
        let opened = if relay.transport == Transport::Udp {
            Socket::bind(relay.local, None).map(|socket| {
                #[cfg(target_os = "linux")]
                if let Err(error) = socket.keep_errors() {
                    tracing::debug!(%error, local = %relay.local, "ICMP is not heard");
                }
                let socket = Rc::new(socket);
                let task = spawn_local(self.clone().serve(socket.clone())).abort_handle();
                self.relays.udp.borrow_mut().insert(relay.local, (socket, task));
            })
        } else {
            self.accept_peers(relay).map(|task| {
                self.relays.tcp.borrow_mut().insert(relay.local, task);
            })
        };
        let mut server = self.server.borrow_mut();
        match opened {
            Ok(()) => server.handle_opened(now, relay),
            Err(error) => {
                tracing::info!(%error, local = %relay.local, "not opened");
                server.handle_open_failed(now, relay);
            }
        }
    }
}
