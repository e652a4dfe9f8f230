//! What ICMP says of a datagram to a peer gets to the client that has sent it.
#![cfg(target_os = "linux")]

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    time::Duration,
};

use patchcord::Random;
use sansio::{Clock, Datagram, Machine, Path};
use turn::{
    attribute::Icmp,
    client::{Client, Config, Event},
};

/// Ends with the test.
struct Server(Child, SocketAddr);

impl Server {
    fn start() -> Self {
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

#[test]
fn a_peer_whose_port_is_closed_is_reported() {
    let server = Server::start();
    // Nobody has it any more.
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (clock, path) = (Clock::start(), Path::udp(socket.local_addr().unwrap(), server.1));
    let (config, user) = (Config::default(), ("user", "pass"));
    let rng = Box::new(Random::from_system().unwrap());
    let mut client = Client::new(clock.now(), path, config, user, rng).unwrap();
    client.permit(closed.ip()).unwrap();
    let (mut out, mut buf) = (Vec::new(), [0; 2048]);
    let told = loop {
        client.handle_timeout(clock.now());
        while client.poll_transmit(clock.now(), &mut out).is_some() {
            socket.send_to(&out, server.1).unwrap();
            out.clear();
        }
        if client.is_permitted(closed.ip()) {
            let way = client.way(closed).unwrap();
            out.resize(way.head(), 0);
            client.wrap(way, &mut out, 0).unwrap();
            socket.send_to(&out, server.1).unwrap();
            out.clear();
        }
        if let Ok((len, _)) = socket.recv_from(&mut buf) {
            let now = clock.now();
            client.unwrap(now, Datagram::new(path, now, &mut buf[..len])).unwrap();
        }
        match client.poll_event() {
            Some(Event::Icmp { peer, error }) => break (peer, error),
            Some(Event::Closed(reason)) => panic!("{reason}"),
            _ => {}
        }
    };
    assert_eq!(told, (closed, Icmp { kind: 3, code: 3, data: 0 }));
}
