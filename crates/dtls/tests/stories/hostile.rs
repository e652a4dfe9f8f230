//! What somebody on the path cannot do.

use patchcord_dtls::{Discard, Versions};
use proptest::prelude::*;
use sansio::Machine;
use testkit::{LinkConfig, SeededRng};

use crate::support::{connect, connected, exchange, is_connected, opened, pair, sealed};

const VERSIONS: [Versions; 2] = [Versions::Dtls12, Versions::Dtls13];

/// A record without protection.
fn plain(kind: u8, sequence: u8, body: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, sequence];
    record.extend_from_slice(&(body.len() as u16).to_be_bytes());
    record.extend_from_slice(body);
    record
}

#[test]
fn forged_alerts_do_not_close() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        for description in 0..=255 {
            for level in [1, 2] {
                let forged = plain(21, description, &[level, description]);
                for end in [&mut pair.a, &mut pair.b] {
                    assert_eq!(opened(end, pair.now, &forged), [Err(Discard::Unprotected)]);
                }
            }
        }
        exchange(&mut pair);
    }
}

#[test]
fn forged_plaintext_is_no_application_data() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let forged = plain(23, 0, b"trust me");
        assert_eq!(opened(&mut pair.a, pair.now, &forged), [Err(Discard::Unprotected)]);
        let mut pair = pair_before(versions);
        assert_eq!(opened(&mut pair.a, pair.now, &forged), [Err(Discard::Unprotected)]);
        assert!(connect(&mut pair));
        exchange(&mut pair);
    }
}

fn pair_before(versions: Versions) -> crate::support::Ends {
    let mut pair = pair([versions; 2], LinkConfig::default(), 1);
    pair.next_event();
    pair
}

#[test]
fn every_record_of_the_handshake_may_come_again() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let datagrams: Vec<_> = pair.trace.entries().map(|entry| entry.data.clone()).collect();
        let before = pair.trace.entries().len();
        for _ in 0..20 {
            for datagram in &datagrams {
                for end in [&mut pair.a, &mut pair.b] {
                    let outcomes = opened(end, pair.now, datagram);
                    assert!(outcomes.iter().all(|outcome| !matches!(outcome, Ok(Some(_)))));
                }
            }
            pair.run_for(std::time::Duration::from_secs(1));
        }
        assert!(is_connected(&pair.a) && is_connected(&pair.b));
        exchange(&mut pair);
        // Nobody is made to talk much.
        let provoked = pair.trace.entries().len() - before;
        assert!(provoked <= 8 * datagrams.len() * 20, "{provoked} datagrams");
    }
}

#[test]
fn a_record_counts_once() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let records: Vec<_> = (0..40_u8).map(|i| sealed(&mut pair.a, &[i])).collect();
        for (i, record) in records.iter().enumerate().rev() {
            let expected = Ok(Some(vec![i as u8]));
            assert_eq!(opened(&mut pair.b, pair.now, record), [expected], "{versions:?}");
            assert_eq!(opened(&mut pair.b, pair.now, record), [Err(Discard::Rejected)]);
        }
        assert_eq!((pair.b.counters().opened, pair.b.counters().rejected), (40, 40));
    }
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        for bit in 0..8 * sealed(&mut pair.a, b"payload").len() {
            let mut record = sealed(&mut pair.a, b"payload");
            record[bit / 8] ^= 1 << (bit % 8);
            let outcomes = opened(&mut pair.b, pair.now, &record);
            assert!(outcomes.iter().all(Result::is_err), "{versions:?} bit {bit}: {outcomes:?}");
        }
        exchange(&mut pair);
    }
}

#[test]
fn bad_records_do_not_spoil_the_good_ones_beside_them() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let [one, mut bad, two] = [b"1", b"x", b"2"].map(|text| sealed(&mut pair.a, text));
        *bad.last_mut().expect("a tag") ^= 1;
        let datagram = [one, bad, two, b"junk".to_vec()].concat();
        let outcomes = opened(&mut pair.b, pair.now, &datagram);
        let expected = [
            Ok(Some(b"1".to_vec())),
            Err(Discard::Rejected),
            Ok(Some(b"2".to_vec())),
            Err(Discard::NotDtls { first: b'j' }),
        ];
        assert_eq!(outcomes, expected);
    }
}

#[test]
fn a_server_keeps_nothing_before_a_client_hello() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let record = sealed(&mut pair.a, b"early");
        let mut other = pair_before(versions);
        assert_eq!(opened(&mut other.b, other.now, &record), [Err(Discard::Unexpected)]);
        assert!(connect(&mut other));
        assert_eq!(other.b.poll_data(), None);
    }
}

#[test]
fn a_stranger_cannot_make_a_server_keep_much() {
    // One byte of a ClientHello that says to have as many.
    for (length, is_kept) in [(8192_u32, true), (8193, false), (32_768, false)] {
        let mut server = pair_before(Versions::Both).b;
        let [_, a, b, c] = length.to_be_bytes();
        let forged = plain(22, 0, &[1, a, b, c, 0, 0, 0, 0, 0, 0, 0, 1, 7]);
        let outcome = if is_kept { Ok(None) } else { Err(Discard::Unexpected) };
        assert_eq!(opened(&mut server, sansio::Instant::ZERO, &forged), [outcome], "{length}");
    }
}

#[test]
fn queues_of_a_handshake_are_bounded() {
    // Fragments of messages that will never be complete, in every order.
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        let mut pair = pair([versions; 2], LinkConfig::default(), 1);
        pair.next_event();
        for i in 0..1000_u16 {
            let [hi, lo] = i.to_be_bytes();
            let mut body = vec![2, 0, 0xFF, 0xFF, hi, lo, 0, 0, 9, 0, 4, 0];
            body.resize(12 + 1024, 7);
            let forged = plain(22, lo, &body);
            opened(&mut pair.a, pair.now, &forged);
            body[0] = 1;
            let forged = plain(22, lo, &body);
            opened(&mut pair.b, pair.now, &forged);
        }
        // Whatever came of it: both ends still obey their timers.
        pair.run_for(std::time::Duration::from_secs(100));
        assert!(pair.a.poll_timeout().is_none() && pair.b.poll_timeout().is_none());
        assert!(pair.trace.entries().len() < 100, "{}", pair.trace.entries().len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Nothing but a good record changes anything: forged ones between good ones.
    #[test]
    fn an_established_connection_survives_any_bytes(
        seed in any::<u64>(),
        garbage in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 40),
    ) {
        for versions in VERSIONS {
            let mut pair = connected(versions);
            let mut rng = SeededRng::new(seed);
            for (i, bytes) in garbage.iter().enumerate() {
                let mut forged = bytes.clone();
                if let Some(first) = forged.first_mut() && i % 4 != 0 {
                    // Let it look like DTLS.
                    *first = [20, 21, 22, 23, 26, 0x2C, 0x2E, 0x2F][rng.below(8) as usize];
                    for (slot, byte) in forged.iter_mut().skip(1).zip([0xFE, 0xFD, 0, (i % 3) as u8]) {
                        *slot = byte;
                    }
                    if let Some(length) = forged.len().checked_sub(13) {
                        forged[11..13].copy_from_slice(&(length as u16).to_be_bytes());
                    }
                }
                for end in [&mut pair.a, &mut pair.b] {
                    let outcomes = opened(end, pair.now, &forged);
                    prop_assert!(outcomes.iter().all(|outcome| !matches!(outcome, Ok(Some(_)))));
                }
                exchange(&mut pair);
            }
        }
    }

    /// A handshake survives strangers' bytes or ends, and never panics.
    #[test]
    fn a_handshake_takes_any_bytes(
        records in prop::collection::vec((20..28_u8, prop::collection::vec(any::<u8>(), 0..60)), 30),
    ) {
        for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
            let mut pair = pair_before(versions);
            for (i, (kind, body)) in records.iter().enumerate() {
                let forged = plain(*kind, i as u8, body);
                opened(&mut pair.a, pair.now, &forged);
                opened(&mut pair.b, pair.now, &forged);
            }
            pair.run_for(std::time::Duration::from_secs(100));
            for end in [&pair.a, &pair.b] {
                prop_assert!(is_connected(end) || end.close_reason().is_some());
            }
        }
    }
}
