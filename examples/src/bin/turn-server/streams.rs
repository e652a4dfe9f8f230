//! Clients over TCP and TLS.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use sansio::{Path, Transport};
use stun::stream::Deframer;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::spawn_local,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::core::Core;

/// Frames that wait for a slow client; more are dropped, as datagrams would be.
const QUEUE: usize = 256;

/// The longest frame: a datagram in an indication.
const LONGEST: usize = 1 << 16;

/// Connections there may be, and of one address.
const MOST: usize = 20_000;
const MOST_OF_ONE: usize = 256;

/// How long a connection may say nothing. Allocations are refreshed more often.
const SILENCE: Duration = Duration::from_secs(900);

/// How long a handshake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The connections, by path.
#[derive(Default)]
pub(crate) struct Streams {
    queues: RefCell<HashMap<Path, mpsc::Sender<Vec<u8>>>>,
    sources: RefCell<HashMap<IpAddr, usize>>,
    count: Cell<usize>,
}

impl Streams {
    /// Queues frames for a client. False: there is no room, or no client.
    pub(crate) fn send(&self, path: Path, bytes: &[u8]) -> bool {
        let queues = self.queues.borrow();
        queues.get(&path).is_some_and(|queue| queue.try_send(bytes.to_vec()).is_ok())
    }

    /// Whether one more from there is welcome.
    fn enter(&self, ip: IpAddr) -> bool {
        let mut sources = self.sources.borrow_mut();
        let of_one = sources.get(&ip).copied().unwrap_or_default();
        let welcome = self.count.get() < MOST && of_one < MOST_OF_ONE;
        if welcome {
            self.count.set(self.count.get() + 1);
            sources.insert(ip, of_one + 1);
        }
        welcome
    }

    fn leave(&self, ip: IpAddr) {
        self.count.set(self.count.get().saturating_sub(1));
        let mut sources = self.sources.borrow_mut();
        match sources.get_mut(&ip) {
            Some(count) if *count > 1 => *count -= 1,
            _ => _ = sources.remove(&ip),
        }
    }
}

impl Core {
    /// Accepts connections, over TLS if there is a certificate; returns where.
    pub(crate) async fn listen_for_streams(
        self: &Rc<Self>,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let core = self.clone();
        spawn_local(async move {
            loop {
                let Ok((stream, remote)) = listener.accept().await else {
                    // Out of descriptors, as a rule: others have to go first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                if core.streams.enter(remote.ip()) {
                    spawn_local(core.clone().welcome(stream, remote, tls.clone()));
                }
            }
        });
        Ok(address)
    }

    async fn welcome(
        self: Rc<Self>,
        stream: TcpStream,
        remote: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) {
        let outcome = match stream.local_addr() {
            Err(error) => Err(error),
            Ok(local) => {
                let _ = stream.set_nodelay(true);
                match tls {
                    None => {
                        let path = Path { local, remote, transport: Transport::Tcp };
                        self.clone().converse(path, stream).await
                    }
                    Some(acceptor) => match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        Err(_) => Err(io::ErrorKind::TimedOut.into()),
                        Ok(Err(error)) => Err(error),
                        Ok(Ok(stream)) => {
                            let path = Path { local, remote, transport: Transport::Tls };
                            self.clone().converse(path, stream).await
                        }
                    },
                }
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%remote, %error, "a connection has ended");
        }
        self.streams.leave(remote.ip());
    }

    /// Frames in, frames out, until either side closes, or until the connection is joined with a
    /// peer's.
    async fn converse<S>(self: Rc<Self>, path: Path, mut stream: S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (queue, mut outgoing) = mpsc::channel(QUEUE);
        self.streams.queues.borrow_mut().insert(path, queue);
        let mut deframer = Deframer::new(LONGEST + 4);
        let outcome = self.exchange(path, &mut stream, &mut outgoing, &mut deframer).await;
        self.streams.queues.borrow_mut().remove(&path);
        if let Ok(true) = outcome {
            self.carry(path, stream, deframer.into_rest()).await;
        }
        self.after(|server, _| server.handle_closed(path));
        outcome.map(|_| ())
    }

    /// True: it is joined.
    async fn exchange<S>(
        self: &Rc<Self>,
        path: Path,
        stream: &mut S,
        outgoing: &mut mpsc::Receiver<Vec<u8>>,
        deframer: &mut Deframer,
    ) -> io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = vec![0; 1 << 14];
        loop {
            tokio::select! {
                frames = outgoing.recv() => {
                    let Some(frames) = frames else { return Ok(false) };
                    stream.write_all(&frames).await?;
                }
                read = timeout(SILENCE, stream.read(&mut buffer)) => {
                    let count = read.map_err(|_| io::ErrorKind::TimedOut)??;
                    if count == 0 {
                        return Ok(false);
                    }
                    deframer.push(&buffer[..count]);
                    while let Some(frame) = deframer.next_frame().map_err(io::Error::other)? {
                        self.take_frame(path, frame);
                        if self.connections.is_joined(path) {
                            // The answer that says so goes out first.
                            while let Ok(frames) = outgoing.try_recv() {
                                stream.write_all(&frames).await?;
                            }
                            return Ok(true);
                        }
                    }
                }
            }
        }
    }
}
