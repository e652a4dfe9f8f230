//! A running `turn-server`, and a client of it.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, UdpSocket},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use patchcord::Random;
use sansio::{Clock, Datagram, Machine, Path, Transport};
use stun::stream::Deframer;
use turn::{
    attribute::ConnectionId,
    client::{Client, Config, Event, Way},
};

/// Nothing here takes that long, and nothing waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    said: BufReader<ChildStdout>,
    /// Where it serves clients.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// On this machine, with the user `user` whose password is `pass`.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turn-server"));
        Self::run(command.args(Self::USUAL).args(flags))
    }

    pub(crate) const USUAL: [&str; 8] = [
        "--listen",
        "127.0.0.1:0",
        "--user",
        "user:pass",
        "--relay",
        "127.0.0.1",
        "--allow-peer",
        "127.0.0.0/8",
    ];

    /// The same at this address of the loopback interface.
    pub(crate) fn at(ip: IpAddr) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turn-server"));
        let (listen, relay) = (SocketAddr::new(ip, 0).to_string(), ip.to_string());
        command.args(["--listen", &listen, "--relay", &relay, "--allow-peer", &relay]);
        Self::run(command.args(["--user", "user:pass"]))
    }

    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let address = last_word(&line(&mut said)).parse().unwrap();
        Self { child, said, address }
    }

    /// What it says next.
    pub(crate) fn line(&mut self) -> String {
        line(&mut self.said)
    }

    pub(crate) fn caller(&self, transport: Transport, config: Config) -> Caller {
        Caller::new(self.address, transport, config)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

pub(crate) fn last_word(line: &str) -> &str {
    line.rsplit(' ').next().unwrap()
}

enum Wire {
    Datagrams(UdpSocket),
    Stream(TcpStream, Deframer),
}

impl Wire {
    fn connect(transport: Transport, server: SocketAddr) -> (Self, Path) {
        let wait = Some(Duration::from_millis(5));
        let any = if server.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
        let (wire, local) = if transport == Transport::Udp {
            let socket = UdpSocket::bind(any).unwrap();
            socket.connect(server).unwrap();
            socket.set_read_timeout(wait).unwrap();
            let local = socket.local_addr().unwrap();
            (Self::Datagrams(socket), local)
        } else {
            let stream = TcpStream::connect(server).unwrap();
            stream.set_read_timeout(wait).unwrap();
            let local = stream.local_addr().unwrap();
            (Self::Stream(stream, Deframer::new(1 << 16)), local)
        };
        (wire, Path { local, remote: server, transport })
    }

    fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Datagrams(socket) => _ = socket.send(bytes).unwrap(),
            Self::Stream(stream, _) => stream.write_all(bytes).unwrap(),
        }
    }

    fn receive(&mut self) -> Vec<Vec<u8>> {
        let mut buffer = vec![0; 1 << 16];
        let read = match self {
            Self::Datagrams(socket) => socket.recv(&mut buffer),
            Self::Stream(stream, _) => stream.read(&mut buffer),
        };
        let count = match read {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Vec::new();
            }
            read => read.unwrap(),
        };
        buffer.truncate(count);
        let Self::Stream(_, deframer) = self else { return vec![buffer] };
        assert!(count > 0, "the server has closed the connection");
        deframer.push(&buffer);
        let mut frames = Vec::new();
        while let Some(frame) = deframer.next_frame().unwrap() {
            frames.push(frame.to_vec());
        }
        frames
    }
}

/// A client with its sockets.
pub(crate) struct Caller {
    clock: Clock,
    pub(crate) client: Client,
    /// That of the allocation first, then those that are to be joined.
    wires: Vec<(Path, Wire)>,
    pub(crate) heard: Vec<(SocketAddr, Vec<u8>)>,
}

impl Caller {
    fn new(server: SocketAddr, transport: Transport, config: Config) -> Self {
        let (clock, (wire, path)) = (Clock::start(), Wire::connect(transport, server));
        let rng = Box::new(Random::from_system().unwrap());
        let client = Client::new(clock.now(), path, config, ("user", "pass"), rng).unwrap();
        Self { clock, client, wires: vec![(path, wire)], heard: Vec::new() }
    }

    /// Sends and receives what there is.
    pub(crate) fn turn(&mut self) {
        let mut buf = Vec::new();
        self.client.handle_timeout(self.clock.now());
        while let Some(transmit) = self.client.poll_transmit(self.clock.now(), &mut buf) {
            let wire = self.wires.iter_mut().find(|(path, _)| *path == transmit.path);
            wire.unwrap().1.send(&buf);
            buf.clear();
        }
        for (path, wire) in &mut self.wires {
            for mut bytes in wire.receive() {
                let now = self.clock.now();
                let input = Datagram::new(*path, now, &mut bytes);
                if let Some(said) = self.client.unwrap(now, input).unwrap() {
                    self.heard.push((said.peer, said.data.to_vec()));
                }
            }
        }
    }

    /// Goes on until this is so.
    pub(crate) fn until<T>(&mut self, mut wanted: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            self.turn();
            if let Some(found) = wanted(self) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{:?}", self.client);
        }
    }

    /// Goes on until there is such an event; others are dropped.
    pub(crate) fn event<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        self.until(|caller| {
            let event = caller.client.poll_event()?;
            if let Event::Closed(reason) = &event {
                unreachable!("{reason}");
            }
            wanted(&event)
        })
    }

    pub(crate) fn permit(&mut self, peer: SocketAddr) {
        self.client.permit(peer.ip()).unwrap();
        self.until(|caller| caller.client.is_permitted(peer.ip()).then_some(()));
    }

    /// Says something to a peer that may be addressed.
    pub(crate) fn say(&mut self, peer: SocketAddr, bytes: &[u8]) {
        self.say_this_way(self.client.way(peer).unwrap(), bytes);
    }

    pub(crate) fn say_this_way(&mut self, way: Way, bytes: &[u8]) {
        let mut buf = vec![0; way.head()];
        buf.extend_from_slice(bytes);
        self.client.wrap(way, &mut buf, 0).unwrap();
        self.wires[0].1.send(&buf);
    }

    /// The stream to the next peer that is connected, by way of a connection of its own.
    pub(crate) fn joined(&mut self) -> TcpStream {
        let wanted: ConnectionId = self.event(|event| match event {
            Event::ConnectionWanted { id, .. } => Some(*id),
            Event::ConnectionRefused { .. } => unreachable!("{event:?}"),
            _ => None,
        });
        let (wire, path) = Wire::connect(Transport::Tcp, self.client.path().remote);
        self.wires.push((path, wire));
        assert!(self.client.handle_opened(self.clock.now(), wanted, path));
        self.event(|event| matches!(event, Event::Connected { .. }).then_some(()));
        match self.wires.pop() {
            Some((_, Wire::Stream(stream, deframer))) => {
                assert!(deframer.into_rest().is_empty());
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream
            }
            _ => unreachable!("a stream"),
        }
    }
}

/// A peer that returns what it hears.
pub(crate) fn echo(address: &str) -> SocketAddr {
    let socket = UdpSocket::bind(address).unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buf = [0; 2048];
        while let Ok((count, source)) = socket.recv_from(&mut buf) {
            let _ = socket.send_to(&buf[..count], source);
        }
    });
    address
}
