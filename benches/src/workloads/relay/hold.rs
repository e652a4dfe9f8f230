//! What one allocation costs in memory: many are made by our client, and held.

use std::net::UdpSocket;
use std::time::Duration;

use sansio::{Clock, Datagram, Machine, Path};
use testkit::SeededRng;
use turn::client::{Client, Config, State};

use super::server::Server;

/// KiB of resident memory of the server for each of `count` allocations with a channel.
pub(super) fn measure(server: &Server, count: usize) -> Option<f64> {
    let clock = Clock::start();
    // What is made once, whatever the number.
    let first = allocate(server, clock, 0)?;
    let before = server.resident()?;
    let mut held = Vec::new();
    for number in 1..=count {
        held.push(allocate(server, clock, number)?);
    }
    let grown = server.resident()?.saturating_sub(before);
    drop((first, held));
    Some(grown as f64 / 1024.0 / count as f64)
}

/// An allocation with one channel; the socket keeps its 5-tuple.
fn allocate(server: &Server, clock: Clock, number: usize) -> Option<(Client, UdpSocket)> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(50))).ok()?;
    let path = Path::udp(socket.local_addr().ok()?, server.address);
    let rng = Box::new(SeededRng::new(number as u64));
    let (config, user) = (Config::default(), ("user", "pass"));
    let mut client = Client::new(clock.now(), path, config, user, rng).ok()?;
    let peer = ([127, 0, 0, 1], 9).into();
    client.bind(peer).ok()?;
    let (mut out, mut buf) = (Vec::new(), [0; 2048]);
    while !client.is_bound(peer) {
        let now = clock.now();
        client.handle_timeout(now);
        while client.poll_transmit(now, &mut out).is_some() {
            socket.send_to(&out, server.address).ok()?;
            out.clear();
        }
        if let Ok((len, _)) = socket.recv_from(&mut buf) {
            let now = clock.now();
            let _ = client.handle_input(now, Datagram::new(path, now, &mut buf[..len]));
        }
        if client.state() == State::Closed {
            return None;
        }
    }
    Some((client, socket))
}
