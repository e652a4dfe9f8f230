//! What an established connection of DTLS keeps: its handshake is let go of. Without the harness,
//! whose threads ask for memory too.

#[path = "../src/alloc.rs"]
mod alloc;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use dtls::{Certificate, Config, Connection, HashFunction, Role, State, Versions};
use sansio::{Instant, Machine};
use testkit::SeededRng;

const NOW: Instant = Instant::ZERO;
const PAIRS: usize = 50;
/// Bytes of the heap, and of the value itself.
const MOST: usize = 4096;

fn connected(configs: &[Config; 2]) -> [Connection; 2] {
    let end = |role, own: usize| {
        let expected = vec![configs[1 - own].certificate.fingerprint(HashFunction::Sha256)];
        Connection::new(NOW, &configs[own], role, expected, SeededRng::boxed(1)).unwrap()
    };
    let mut ends = [end(Role::Client, 0), end(Role::Server, 1)];
    let mut wire = Vec::new();
    for turn in 0..8 {
        let [client, server] = &mut ends;
        let (from, to) = if turn % 2 == 0 { (client, server) } else { (server, client) };
        while from.poll_transmit(NOW, &mut wire).is_some() {
            let mut rest = wire.as_mut_slice();
            while !rest.is_empty() {
                let _ = to.open(NOW, &mut rest);
            }
            wire.clear();
        }
    }
    for end in &mut ends {
        assert_eq!(end.state(), State::Connected);
        while end.poll_event().is_some() {}
        // The last flight of DTLS 1.2 is kept for as long as the handshake may take.
        end.handle_timeout(Instant::from_millis(31_000));
    }
    ends
}

fn main() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let made = [0; 2].map(|_| Arc::new(Certificate::generate().unwrap()));
        let configs = made.map(|own| Config { versions, ..Config::new(own) });
        let mut pairs = Vec::with_capacity(PAIRS);
        // What is made once, whatever the number of connections.
        drop(connected(&configs));
        alloc::start_counting();
        pairs.extend((0..PAIRS).map(|_| connected(&configs)));
        alloc::stop_counting();
        let each = usize::try_from(alloc::GROWTH.load(Relaxed)).unwrap() / (2 * PAIRS);
        let bytes = each + size_of::<Connection>();
        println!("{versions:?}: {bytes} bytes a connection, {each} of them on the heap");
        assert!(bytes <= MOST, "{versions:?}: {bytes} bytes, at most {MOST}");
    }
}
