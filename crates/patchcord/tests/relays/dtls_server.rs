//! The DTLS in front of a TURN server: a connection for each address.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dtls::{ClientAuthentication, Config, Connection, Role};
use patchcord::{Certificate, Path, Transport};
use sansio::{Clock, Instant, Machine};
use testkit::SeededRng;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};

use crate::turn_server::{Input, Inputs};

pub(crate) async fn listen(
    ip: IpAddr,
    certificate: Arc<Certificate>,
    farewell: watch::Receiver<()>,
    inputs: Inputs,
) -> SocketAddr {
    let config = Config {
        cookies: true,
        client_authentication: ClientAuthentication::NotRequested,
        ..Config::new(certificate)
    };
    let socket = Arc::new(UdpSocket::bind((ip, 0)).await.unwrap());
    let local = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut clients, mut buf) =
            (HashMap::<SocketAddr, mpsc::UnboundedSender<_>>::new(), [0; 2048]);
        while let Ok((len, remote)) = socket.recv_from(&mut buf).await {
            let known = clients.get(&remote).filter(|client| !client.is_closed()).cloned();
            let client = known.unwrap_or_else(|| {
                let (client, arriving) = mpsc::unbounded_channel();
                let rng = SeededRng::boxed(u64::from(remote.port()));
                let now = Instant::ZERO;
                let connection = Connection::new(now, &config, Role::Server, Vec::new(), rng);
                let path = Path { local, remote, transport: Transport::Dtls };
                let end =
                    End { path, socket: Arc::clone(&socket), connection: connection.unwrap() };
                tokio::spawn(end.converse(arriving, farewell.clone(), inputs.clone()));
                clients.insert(remote, client.clone());
                client
            });
            let _ = client.send(buf[..len].to_vec());
        }
    });
    local
}

struct End {
    path: Path,
    socket: Arc<UdpSocket>,
    connection: Connection,
}

impl End {
    async fn converse(
        mut self,
        mut arriving: mpsc::UnboundedReceiver<Vec<u8>>,
        mut farewell: watch::Receiver<()>,
        inputs: Inputs,
    ) {
        let (queue, mut outgoing) = mpsc::unbounded_channel::<Vec<u8>>();
        let _ = inputs.send(Input::Opened(self.path, queue));
        let clock = Clock::start();
        // Goodbyes before our time were for others.
        farewell.mark_unchanged();
        while self.connection.close_reason().is_none() {
            tokio::select! {
                Some(datagram) = arriving.recv() => self.open(clock.now(), datagram, &inputs),
                Some(bytes) = outgoing.recv() => {
                    let mut buf = vec![0; self.connection.head_room()];
                    buf.extend_from_slice(&bytes);
                    if self.connection.seal(&mut buf, 0).is_ok() {
                        let _ = self.socket.send_to(&buf, self.path.remote).await;
                    }
                }
                _ = farewell.changed() => self.connection.close(clock.now()),
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    self.connection.handle_timeout(clock.now());
                }
            }
            let mut buf = Vec::new();
            while self.connection.poll_transmit(clock.now(), &mut buf).is_some() {
                let _ = self.socket.send_to(&buf, self.path.remote).await;
                buf.clear();
            }
        }
        let _ = inputs.send(Input::Closed(self.path));
    }

    fn open(&mut self, now: Instant, mut datagram: Vec<u8>, inputs: &Inputs) {
        let mut rest = &mut datagram[..];
        while !rest.is_empty() {
            if let Ok(Some(data)) = self.connection.open(now, &mut rest) {
                let _ = inputs.send(Input::Datagram(self.path, data.to_vec()));
            }
        }
        while let Some(data) = self.connection.poll_data() {
            let _ = inputs.send(Input::Datagram(self.path, data));
        }
    }
}
