//! Sealing and opening.

use patchcord_dtls::{Config, Connection, Role, SealError, State, Versions};
use proptest::prelude::*;

use crate::support::{config, connected, connection, opened, sealed};

const VERSIONS: [Versions; 2] = [Versions::Dtls12, Versions::Dtls13];

#[test]
fn overhead_is_exact() {
    // header 13 + nonce 8 + tag 16; header 5 + content type 1 + tag 16.
    for (versions, head, overhead) in [(Versions::Dtls12, 21, 37), (Versions::Dtls13, 5, 22)] {
        let mut pair = connected(versions);
        assert_eq!((pair.a.head_room(), pair.a.overhead()), (head, overhead));
        for len in [0, 1, 100, 1200, Connection::MAX_PLAINTEXT] {
            assert_eq!(sealed(&mut pair.a, &vec![7; len]).len(), len + overhead);
        }
    }
}

#[test]
fn seals_only_what_it_can() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let head = pair.a.head_room();
        let max = Connection::MAX_PLAINTEXT;
        for (len, at, error) in [
            (0, 0, SealError::NoHeadRoom { needed: head, had: 0 }),
            (head + 9, 10, SealError::NoHeadRoom { needed: head, had: head - 1 }),
            (5, 9, SealError::NoHeadRoom { needed: head, had: 0 }),
            (head + max + 1, 0, SealError::TooLong { len: max + 1, max }),
        ] {
            let mut buf = vec![9; len];
            assert_eq!(pair.a.seal(&mut buf, at), Err(error));
            assert_eq!(buf, vec![9; len]);
        }
        assert_eq!(pair.a.counters().sealed, 0);
    }
    let mut early = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
    assert_eq!(early.seal(&mut vec![0; 50], 0), Err(SealError::NotConnected(State::New)));
    assert_eq!(early.counters(), patchcord_dtls::Counters::default());
}

#[test]
fn what_is_in_front_of_the_record_stays() {
    let mut pair = connected(Versions::Both);
    let mut buf = b"relay header".to_vec();
    let at = buf.len();
    buf.resize(at + pair.a.head_room(), 0);
    buf.extend_from_slice(b"payload");
    pair.a.seal(&mut buf, at).expect("sealed");
    assert!(buf.starts_with(b"relay header"));
    assert_eq!(opened(&mut pair.b, pair.now, &buf[at..]), [Ok(Some(b"payload".to_vec()))]);
}

#[test]
fn a_record_is_not_mixed_with_what_the_handshake_has_left() {
    // S ─Finished─► C is not yet pulled when the server of 1.2 begins to send.
    for versions in VERSIONS {
        let mut pair = crate::support::pair([versions; 2], testkit::LinkConfig::default(), 1);
        let limit = std::time::Duration::from_secs(5);
        assert!(pair.run_until(|pair| crate::support::is_connected(&pair.b), limit));
        let record = sealed(&mut pair.b, b"first");
        assert_eq!(record.len(), 5 + pair.b.overhead());
        assert!(crate::support::connect(&mut pair));
        assert_eq!(opened(&mut pair.a, pair.now, &record), [Ok(Some(b"first".to_vec()))]);
    }
}

#[test]
fn small_mtus_are_kept() {
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        for mtu in [256, 300, 576, 2048] {
            let end = |role| {
                let config = Config { mtu, ..config(role, versions) };
                connection(&config, role, mtu as u64)
            };
            let (client, server) = (end(Role::Client), end(Role::Server));
            let mut pair = testkit::Pair::new(client, server, testkit::LinkConfig::default(), 1);
            assert!(crate::support::connect(&mut pair), "{versions:?} {mtu}");
            let longest = pair.trace.entries().map(|entry| entry.data.len()).max();
            assert!(longest <= Some(mtu), "{versions:?}: {longest:?} of {mtu}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_can_be_opened(
        plaintexts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1500), 1..20),
        third in any::<bool>(),
    ) {
        let mut pair = connected(if third { Versions::Dtls13 } else { Versions::Dtls12 });
        // One datagram with all of them: each is given in its turn.
        let datagram: Vec<u8> =
            plaintexts.iter().flat_map(|plaintext| sealed(&mut pair.a, plaintext)).collect();
        let outcomes = opened(&mut pair.b, pair.now, &datagram);
        let expected: Vec<_> = plaintexts.into_iter().map(|plaintext| Ok(Some(plaintext))).collect();
        prop_assert_eq!(outcomes, expected);
    }
}
