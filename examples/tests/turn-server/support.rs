//! The program, and a client of it over UDP.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use patchcord::Random;
use sansio::{Clock, Datagram, Machine, Path};
use turn::client::{Client, Config, Event, Way};

/// Ends with the test.
pub(crate) struct Server(Child, SocketAddr);

impl Server {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_turn-server"))
            .args(["--listen", "127.0.0.1:0", "--user", "user:pass"])
            .args(["--relay", "127.0.0.1", "--allow-peer", "127.0.0.0/8"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
        Self(child, address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Caller {
    pub(crate) client: Client,
    clock: Clock,
    socket: UdpSocket,
    server: SocketAddr,
    out: Vec<u8>,
}

impl Caller {
    pub(crate) fn new(server: &Server, config: Config) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let (clock, path) = (Clock::start(), Path::udp(socket.local_addr().unwrap(), server.1));
        let rng = Box::new(Random::from_system().unwrap());
        let client = Client::new(clock.now(), path, config, ("user", "pass"), rng).unwrap();
        Self { client, clock, socket, server: server.1, out: Vec::new() }
    }

    /// One round of what a shell does, and an event if there is one.
    pub(crate) fn turn(&mut self) -> Option<Event> {
        let Self { client, clock, socket, server, out } = self;
        client.handle_timeout(clock.now());
        while client.poll_transmit(clock.now(), out).is_some() {
            socket.send_to(out, *server).unwrap();
            out.clear();
        }
        let mut buf = [0; 4096];
        if let Ok((len, _)) = socket.recv_from(&mut buf) {
            let now = clock.now();
            client.unwrap(now, Datagram::new(client.path(), now, &mut buf[..len])).unwrap();
        }
        let event = client.poll_event();
        if let Some(Event::Closed(reason)) = event {
            panic!("{reason}");
        }
        event
    }

    pub(crate) fn permit(&mut self, peer: SocketAddr) {
        self.client.permit(peer.ip()).unwrap();
        while !self.client.is_permitted(peer.ip()) {
            self.turn();
        }
    }

    pub(crate) fn say(&mut self, way: Way, data: &[u8]) {
        self.out.resize(way.head(), 0);
        self.out.extend_from_slice(data);
        self.client.wrap(way, &mut self.out, 0).unwrap();
        self.socket.send_to(&self.out, self.server).unwrap();
        self.out.clear();
    }
}
