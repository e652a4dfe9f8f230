//! Clients over TCP and TLS.

use std::{
    cell::RefCell, collections::HashMap, io, net::SocketAddr, pin::pin, rc::Rc, time::Duration,
};

use sansio::{Path, Transport};
use socket2::{Domain, Protocol, Type};
use stun::stream::Deframer;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::spawn_local,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    core::Core,
    places::{Place, Places},
};

/// Frames that wait for a slow client; more are dropped, as datagrams would be.
const QUEUE: usize = 256;

/// The longest frame: a datagram in an indication.
const LONGEST: usize = 1 << 16;

/// Connections that the system keeps until they are accepted.
const BACKLOG: i32 = 1024;

/// How long nobody is accepted after that has failed: as a rule descriptors have run out.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may take to make an allocation or to join a peer's, the handshake of TLS
/// included.
const STRANGER: Duration = Duration::from_secs(15);

/// How often the others are looked at: a connection ends when its allocation has.
const LOOK: Duration = Duration::from_secs(60);

/// How long a client may take none of what is sent to it.
const SLOW: Duration = Duration::from_secs(10);

/// The connections, by path.
#[derive(Default)]
pub(crate) struct Streams {
    queues: RefCell<HashMap<Path, mpsc::Sender<Vec<u8>>>>,
    places: Places,
}

impl Streams {
    /// Queues frames for a client. False: there is no room, or no client.
    pub(crate) fn send(&self, path: Path, bytes: &[u8]) -> bool {
        let queues = self.queues.borrow();
        queues.get(&path).is_some_and(|queue| queue.try_send(bytes.to_vec()).is_ok())
    }
}

/// Listens there. A socket for IPv6 takes no IPv4.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = socket2::Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // The port is free again as soon as we are gone.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

impl Core {
    /// Accepts connections, over TLS if there is a certificate; returns where.
    pub(crate) fn listen_for_streams(
        self: &Rc<Self>,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> io::Result<SocketAddr> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let core = self.clone();
        spawn_local(async move {
            loop {
                let Ok((stream, remote)) = listener.accept().await else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                if let Some(place) = core.streams.places.enter(remote.ip()) {
                    spawn_local(core.clone().welcome(stream, remote, tls.clone(), place));
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
        place: Place,
    ) {
        if let Err(error) = self.admit(stream, remote, tls, place).await {
            tracing::debug!(%remote, %error, "a connection has ended");
        }
    }

    async fn admit(
        self: Rc<Self>,
        stream: TcpStream,
        remote: SocketAddr,
        tls: Option<TlsAcceptor>,
        place: Place,
    ) -> io::Result<()> {
        let (local, until) = (stream.local_addr()?, Instant::now() + STRANGER);
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = tls else {
            let path = Path { local, remote, transport: Transport::Tcp };
            return self.converse(path, stream, place, until).await;
        };
        let stream = tokio::select! {
            stream = acceptor.accept(stream) => stream?,
            () = sleep_until(until) => return Err(io::ErrorKind::TimedOut.into()),
            () = place.wanted() => return Err(crowded()),
        };
        let path = Path { local, remote, transport: Transport::Tls };
        self.converse(path, stream, place, until).await
    }

    /// Frames in, frames out, until either side closes, or until the connection is joined with a
    /// peer's. A stranger stays until this time.
    async fn converse<S>(
        self: Rc<Self>,
        path: Path,
        mut stream: S,
        mut place: Place,
        until: Instant,
    ) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (queue, mut outgoing) = mpsc::channel(QUEUE);
        self.streams.queues.borrow_mut().insert(path, queue);
        let mut deframer = Deframer::new(LONGEST + 4);
        let outcome =
            self.exchange(path, &mut stream, &mut outgoing, &mut deframer, &mut place, until).await;
        self.streams.queues.borrow_mut().remove(&path);
        if let Some(joined) = self.connections.take_joined(path) {
            if outcome.is_ok() {
                self.carry(&joined, stream, &deframer.into_rest()).await;
            }
            self.part(&joined);
        }
        self.after(|server, _| server.handle_closed(path));
        outcome
    }

    /// Ends when the client has closed the connection, or when it is joined.
    async fn exchange<S>(
        self: &Rc<Self>,
        path: Path,
        stream: &mut S,
        outgoing: &mut mpsc::Receiver<Vec<u8>>,
        deframer: &mut Deframer,
        place: &mut Place,
        until: Instant,
    ) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut buffer, mut look) = (vec![0; 1 << 14], pin!(sleep_until(until)));
        loop {
            tokio::select! {
                frames = outgoing.recv() => {
                    let Some(frames) = frames else { return Ok(()) };
                    send(stream, &frames, SLOW).await?;
                }
                count = stream.read(&mut buffer) => {
                    let count = count?;
                    if count == 0 {
                        return Ok(());
                    }
                    deframer.push(&buffer[..count]);
                    while let Some(frame) = deframer.next_frame().map_err(io::Error::other)? {
                        self.take_frame(path, frame);
                        if self.connections.is_joined(path) {
                            place.settle();
                            // The answer that says so goes out first.
                            while let Ok(frames) = outgoing.try_recv() {
                                send(stream, &frames, SLOW).await?;
                            }
                            return Ok(());
                        }
                    }
                    if place.is_strangers() && self.server.borrow().has_allocation(path) {
                        place.settle();
                    }
                }
                () = &mut look => {
                    if !self.server.borrow().has_allocation(path) {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    look.as_mut().reset(Instant::now() + LOOK);
                }
                () = place.wanted() => return Err(crowded()),
            }
        }
    }
}

/// All of it, TLS's own buffer included, within this time.
async fn send<S>(stream: &mut S, bytes: &[u8], patience: Duration) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let sent = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    timeout(patience, sent).await.map_err(|_| io::ErrorKind::TimedOut)?
}

fn crowded() -> io::Error {
    io::Error::other("another stranger needed the place")
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use sansio::{Datagram, Machine};
    use turn::client::{Client, Config, State};

    use super::*;
    use crate::{listeners::Listeners, settings::Settings};

    #[tokio::test]
    async fn both_families_have_a_listener_at_one_port() {
        let Ok(v6) = listen("[::]:0".parse().unwrap()) else {
            return eprintln!("this machine has no IPv6");
        };
        // Others may have taken the port for IPv4.
        let port = v6.local_addr().unwrap().port();
        let v4 = listen(([0, 0, 0, 0], port).into());
        assert!(v4.is_ok(), "{v4:?}");
    }

    fn core() -> Rc<Core> {
        let settings = Settings {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            relay: vec!["127.0.0.1".into()],
            user: vec!["user:pass".into()],
            ..Settings::default()
        };
        let (listeners, behavior) = Listeners::bind(&settings).unwrap();
        Rc::new(Core::new(&settings, listeners, behavior).unwrap())
    }

    const PATH: Path = Path {
        local: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3478),
        remote: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000),
        transport: Transport::Tcp,
    };

    /// However much it talks.
    #[tokio::test]
    async fn a_stranger_goes_when_its_time_is_over() {
        let (core, (ours, mut theirs)) = (core(), tokio::io::duplex(1 << 16));
        let mut request = Vec::new();
        stun::MessageBuilder::request(&mut request, stun::Method::BINDING, [7; 12].into());
        for _ in 0..100 {
            theirs.write_all(&request).await.unwrap();
        }
        let place = core.streams.places.enter(PATH.remote.ip()).unwrap();
        let error = core.clone().converse(PATH, ours, place, Instant::now()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(core.streams.queues.borrow().is_empty());
    }

    #[tokio::test]
    async fn who_has_an_allocation_may_be_silent() {
        let alone = tokio::task::LocalSet::new();
        alone.run_until(allocated_and_silent()).await;
    }

    async fn allocated_and_silent() {
        let core = core();
        let (queue, mut answers) = mpsc::channel(QUEUE);
        core.streams.queues.borrow_mut().insert(PATH, queue);
        let rng = Box::new(patchcord::Random::from_system().unwrap());
        let theirs = Path { local: PATH.remote, remote: PATH.local, ..PATH };
        let (config, user) = (Config { mobility: false, ..Config::default() }, ("user", "pass"));
        let mut client = Client::new(core.clock.now(), theirs, config, user, rng).unwrap();
        while client.state() != State::Allocated {
            let (now, mut frame) = (core.clock.now(), Vec::new());
            assert!(client.poll_transmit(now, &mut frame).is_some());
            core.take_frame(PATH, &mut frame);
            let mut answer = answers.recv().await.unwrap();
            client.handle_input(now, Datagram::new(theirs, now, &mut answer)).unwrap();
        }
        let (ours, _theirs) = tokio::io::duplex(64);
        let place = core.streams.places.enter(PATH.remote.ip()).unwrap();
        let conversation = core.clone().converse(PATH, ours, place, Instant::now());
        assert!(timeout(Duration::from_millis(50), conversation).await.is_err(), "it goes on");
        core.after(|server, _| server.handle_closed(PATH));
        let (ours, _theirs) = tokio::io::duplex(64);
        let place = core.streams.places.enter(PATH.remote.ip()).unwrap();
        let error = core.converse(PATH, ours, place, Instant::now()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "and with the allocation it ends");
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let ((mut ours, _theirs), patience) = (tokio::io::duplex(64), Duration::from_millis(20));
        assert!(send(&mut ours, &[0; 64], patience).await.is_ok());
        let error = send(&mut ours, &[0; 1], patience).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
