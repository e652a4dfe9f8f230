//! The same seed, the same bytes: with cryptography that takes its randomness from the seed, a run
//! can be run again.

use std::time::Duration;

use patchcord_dtls::{Config, Connection, HashFunction, Role, Versions};
use sansio::Instant;
use testkit::{LinkConfig, Pair, SeededRng, seeded_certificate, seeded_config};

use crate::support::{connect, sealed};

/// What went over the wire, and one record each way.
fn run(versions: Versions, seed: u64) -> Vec<Vec<u8>> {
    let end = |role, own, other| {
        let retransmit_initial = Duration::from_millis(100);
        let config = Config { versions, retransmit_initial, ..seeded_config(own).unwrap() };
        let expected = seeded_certificate(other).unwrap().fingerprint(HashFunction::Sha256);
        let rng = SeededRng::boxed(seed ^ u64::from(own));
        Connection::new(Instant::ZERO, &config, role, vec![expected], rng).expect("valid")
    };
    let link = LinkConfig {
        loss: 0.1,
        duplicate: 0.1,
        reorder: 0.2,
        jitter: Duration::from_millis(5),
        ..LinkConfig::delayed(Duration::from_millis(20))
    };
    let (client, server) = (end(Role::Client, 1, 2), end(Role::Server, 2, 1));
    let mut pair = Pair::new(client, server, link, seed);
    assert!(connect(&mut pair), "seed {seed}");
    pair.run_for(Duration::from_secs(1));
    let mut all: Vec<_> = pair.trace.entries().map(|entry| entry.data.to_vec()).collect();
    all.push(sealed(&mut pair.a, b"one"));
    all.push(sealed(&mut pair.b, b"other"));
    all
}

#[test]
fn a_run_can_be_run_again_byte_for_byte() {
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        for seed in 0..10 {
            assert!(run(versions, seed) == run(versions, seed), "{versions:?} {seed}");
        }
        assert!(run(versions, 1) != run(versions, 2));
    }
}
