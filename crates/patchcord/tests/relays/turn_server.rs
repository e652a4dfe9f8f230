//! A TURN server on the loopback interface: our own machine, over UDP, TCP, TLS and DTLS.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use patchcord::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use patchcord::rustls::{RootCertStore, ServerConfig, crypto::ring};
use patchcord::stream::Trust;
use patchcord::{Certificate, IceServer, Path, Transport};
use sansio::{Clock, Datagram, Machine};
use stun::stream::Deframer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use turn::server::{Config, Event, PeerPolicy, RelayAddress, Server, StaticUsers};

use crate::dtls_server;

/// The name that the server's certificate has.
pub(crate) const NAME: &str = "turn.test";

pub(crate) struct TurnServer {
    pub(crate) udp: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) dtls: SocketAddr,
    /// Says goodbye to all clients over DTLS.
    pub(crate) farewell: watch::Sender<()>,
    /// Trusts its certificate.
    pub(crate) trust: Trust,
    /// Allocations that there are.
    pub(crate) allocations: Arc<AtomicUsize>,
}

/// What reaches the one task that has the machine.
pub(crate) enum Input {
    Datagram(Path, Vec<u8>),
    Opened(Path, mpsc::UnboundedSender<Vec<u8>>),
    Closed(Path),
}

pub(crate) type Inputs = mpsc::UnboundedSender<Input>;

impl TurnServer {
    pub(crate) async fn start() -> Self {
        Self::start_slow(Duration::ZERO).await
    }

    /// One at this address of the loopback interface.
    pub(crate) async fn start_at(ip: IpAddr) -> Self {
        Self::start_with(ip, Duration::ZERO).await
    }

    /// One that takes its time between two looks at a stream.
    pub(crate) async fn start_slow(lag: Duration) -> Self {
        Self::start_with(Ipv4Addr::LOCALHOST.into(), lag).await
    }

    async fn start_with(ip: IpAddr, lag: Duration) -> Self {
        let (inputs, outputs) = mpsc::unbounded_channel();
        let socket = Arc::new(UdpSocket::bind((ip, 0)).await.unwrap());
        let udp = socket.local_addr().unwrap();
        let allocations = Arc::new(AtomicUsize::new(0));
        tokio::spawn(read(Arc::clone(&socket), inputs.clone()));
        let (acceptor, certificate, trust) = certificate();
        let (farewell, wait) = watch::channel(());
        let dtls = dtls_server::listen(ip, certificate, wait, inputs.clone()).await;
        let tcp = listen(ip, None, lag, inputs.clone()).await;
        let tls = listen(ip, Some(acceptor), lag, inputs.clone()).await;
        tokio::spawn(serve(socket, inputs, outputs, Arc::clone(&allocations)));
        Self { udp, tcp, tls, dtls, farewell, trust, allocations }
    }

    /// It over this transport, by its name.
    pub(crate) fn over(&self, transport: Transport, password: &str) -> IceServer {
        let url = match transport {
            Transport::Udp => format!("turn:{NAME}:{}", self.udp.port()),
            Transport::Tcp => format!("turn:{NAME}:{}?transport=tcp", self.tcp.port()),
            Transport::Tls => format!("turns:{NAME}:{}", self.tls.port()),
            Transport::Dtls => format!("turns:{NAME}:{}?transport=udp", self.dtls.port()),
        };
        IceServer::turn(url, "alice", password)
    }

    pub(crate) fn count(&self) -> usize {
        self.allocations.load(Ordering::Acquire)
    }
}

/// One for [`NAME`], and who trusts it.
pub(crate) fn certificate() -> (TlsAcceptor, Arc<Certificate>, Trust) {
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let of_dtls = Certificate::from_der(made.cert.der(), key.secret_pkcs8_der()).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    (acceptor, Arc::new(of_dtls), Trust::in_roots(roots).unwrap())
}

async fn read(socket: Arc<UdpSocket>, inputs: Inputs) {
    let (local, mut buf) = (socket.local_addr().unwrap(), vec![0; 65_536]);
    while let Ok((len, remote)) = socket.recv_from(&mut buf).await {
        let input = Input::Datagram(Path::udp(local, remote), buf[..len].to_vec());
        if inputs.send(input).is_err() {
            return;
        }
    }
}

async fn listen(
    ip: IpAddr,
    acceptor: Option<TlsAcceptor>,
    lag: Duration,
    inputs: Inputs,
) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let local = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, remote)) = listener.accept().await {
            let (inputs, acceptor) = (inputs.clone(), acceptor.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => {
                        let path = Path { local, remote, transport: Transport::Tcp };
                        converse(path, stream, lag, inputs).await;
                    }
                    Some(acceptor) => {
                        let path = Path { local, remote, transport: Transport::Tls };
                        if let Ok(stream) = acceptor.accept(stream).await {
                            converse(path, stream, lag, inputs).await;
                        }
                    }
                }
            });
        }
    });
    local
}

async fn converse<S>(path: Path, mut stream: S, lag: Duration, inputs: Inputs)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (queue, mut outgoing) = mpsc::unbounded_channel();
    let _ = inputs.send(Input::Opened(path, queue));
    let (mut deframer, mut buf) = (Deframer::new(10_000), vec![0; 16_384]);
    let mut next = tokio::time::Instant::now();
    loop {
        tokio::select! {
            bytes = outgoing.recv() => {
                let Some(bytes) = bytes else { break };
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    break;
                }
            }
            read = async { tokio::time::sleep_until(next).await; stream.read(&mut buf).await } => {
                let Ok(len @ 1..) = read else { break };
                next = tokio::time::Instant::now() + lag;
                deframer.push(&buf[..len]);
                while let Some(frame) = deframer.next_frame().unwrap() {
                    let _ = inputs.send(Input::Datagram(path, frame.to_vec()));
                }
            }
        }
    }
    let _ = inputs.send(Input::Closed(path));
}

fn machine(ip: IpAddr) -> Server {
    let mut users = StaticUsers::new("test");
    users.add("alice", "wonderland");
    let config = Config {
        realm: "test".into(),
        relays: vec![RelayAddress::new(ip)],
        peers: PeerPolicy {
            allowed: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
            ..PeerPolicy::default()
        },
        ..Config::default()
    };
    Server::new(config, Box::new(users), Box::new(testkit::SeededRng::new(7))).unwrap()
}

async fn serve(
    socket: Arc<UdpSocket>,
    inputs: Inputs,
    mut outputs: mpsc::UnboundedReceiver<Input>,
    allocations: Arc<AtomicUsize>,
) {
    let ip = socket.local_addr().unwrap().ip();
    let (mut server, clock) = (machine(ip), Clock::start());
    let mut relays: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut streams: HashMap<Path, mpsc::UnboundedSender<Vec<u8>>> = HashMap::new();
    loop {
        let input = tokio::time::timeout(Duration::from_millis(50), outputs.recv()).await;
        let (now, mut out, mut sent) = (clock.now(), Vec::new(), Vec::new());
        match input {
            Err(_) => server.handle_timeout(now),
            Ok(None) => return,
            Ok(Some(Input::Opened(path, queue))) => _ = streams.insert(path, queue),
            Ok(Some(Input::Closed(path))) => {
                streams.remove(&path);
                server.handle_closed(path);
            }
            Ok(Some(Input::Datagram(path, mut data))) => {
                let input = Datagram::new(path, now, &mut data);
                if let Ok(Some(transmit)) = server.forward(now, input, &mut out) {
                    sent.push((transmit.path, core::mem::take(&mut out)));
                }
            }
        }
        while let Some(event) = server.poll_event() {
            match event {
                Event::OpenRelay(relay) => match UdpSocket::bind(relay.local).await {
                    Ok(socket) => {
                        let socket = Arc::new(socket);
                        tokio::spawn(read(Arc::clone(&socket), inputs.clone()));
                        relays.insert(relay.local, socket);
                        server.handle_opened(now, relay);
                    }
                    Err(_) => server.handle_open_failed(now, relay),
                },
                Event::CloseRelay(relay) => _ = relays.remove(&relay.local),
                _ => {}
            }
        }
        while let Some(transmit) = server.poll_transmit(now, &mut out) {
            sent.push((transmit.path, core::mem::take(&mut out)));
        }
        allocations.store(server.stats().allocations as usize, Ordering::Release);
        for (path, bytes) in sent {
            if let Some(stream) = streams.get(&path) {
                let _ = stream.send(bytes);
            } else {
                let socket = relays.get(&path.local).unwrap_or(&socket);
                let _ = socket.send_to(&bytes, path.remote).await;
            }
        }
    }
}
