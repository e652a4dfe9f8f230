//! Records of DTLS ask the heap for nothing. Without the harness, whose threads do.

#[path = "../src/alloc.rs"]
mod alloc;

use std::sync::Arc;

use dtls::{Certificate, Config, Connection, HashFunction, Role, State, Versions};
use sansio::{Instant, Machine};
use testkit::SeededRng;

const NOW: Instant = Instant::ZERO;

fn connected(versions: Versions) -> [Connection; 2] {
    let made = [0; 2].map(|_| Arc::new(Certificate::generate().unwrap()));
    let end = |role, own: usize| {
        let config = Config { versions, ..Config::new(Arc::clone(&made[own])) };
        let expected = vec![made[1 - own].fingerprint(HashFunction::Sha256)];
        Connection::new(NOW, &config, role, expected, SeededRng::boxed(1)).unwrap()
    };
    let (mut client, mut server) = (end(Role::Client, 0), end(Role::Server, 1));
    let mut wire = Vec::new();
    for _ in 0..4 {
        carry(&mut client, &mut server, &mut wire);
        carry(&mut server, &mut client, &mut wire);
    }
    assert!(client.state() == State::Connected && server.state() == State::Connected);
    [client, server]
}

fn carry(from: &mut Connection, to: &mut Connection, wire: &mut Vec<u8>) {
    while from.poll_transmit(NOW, wire).is_some() {
        let mut rest = wire.as_mut_slice();
        while !rest.is_empty() {
            let _ = to.open(NOW, &mut rest);
        }
        wire.clear();
    }
}

/// A thousand records, and as many forged ones.
fn exchange(from: &mut Connection, to: &mut Connection, buf: &mut Vec<u8>) {
    for _ in 0..1000 {
        buf.clear();
        buf.resize(from.head_room() + 1200, 7);
        from.seal(buf, 0).unwrap();
        let mut forged = [0; 1300];
        forged[..buf.len()].copy_from_slice(buf);
        forged[600] ^= 1;
        assert!(to.open(NOW, &mut &mut forged[..buf.len()]).is_err());
        assert_eq!(to.open(NOW, &mut buf.as_mut_slice()).map(|data| data.unwrap().len()), Ok(1200));
    }
}

fn main() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let [mut client, mut server] = connected(versions);
        let mut buf = Vec::with_capacity(1500);
        exchange(&mut client, &mut server, &mut buf);

        alloc::start_counting();
        exchange(&mut client, &mut server, &mut buf);
        assert_eq!(alloc::stop_counting(), 0, "{versions:?}");
    }
}
