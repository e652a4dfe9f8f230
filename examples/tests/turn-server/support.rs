//! The program, and a client of it over UDP.

use std::{
    io::{BufRead, BufReader},
    net::{IpAddr, SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use patchcord::Random;
use sansio::{Clock, Datagram, Machine, Path};
use turn::client::{Client, Config, Event, Way};

/// Ends with the test.
pub(crate) struct Server(Child, SocketAddr);

impl Server {
    /// One that listens at this address, relays there, and lets all peers there be reached.
    pub(crate) fn start(ip: IpAddr) -> Self {
        let listen = SocketAddr::new(ip, 0).to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_turn-server"))
            .args(["--listen", &listen, "--user", "user:pass"])
            .args(["--relay", &ip.to_string()])
            .args(["--allow-peer", "127.0.0.0/8", "--allow-peer", "::1/128"])
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
        let socket = UdpSocket::bind((server.1.ip(), 0)).unwrap();
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
