//! New keys for an old connection.

use std::time::Duration;

use patchcord_dtls::{Discard, Versions};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{connect, connected, exchange, is_connected, opened, pair, sealed};

#[test]
fn keys_change_in_both_directions() {
    let mut pair = connected(Versions::Dtls13);
    let before = sealed(&mut pair.a, b"of the old keys");
    for round in 0..6_u8 {
        pair.a.update_keys(pair.now);
        // C ─KeyUpdate─► S ─ACK, KeyUpdate─► C ─ACK─► S
        pair.run_for(Duration::from_secs(1));
        let record = sealed(&mut pair.a, b"x");
        // The two lowest bits of the epoch, which was 3.
        assert_eq!(record[0] & 3, (round + 4) & 3);
        assert_eq!(opened(&mut pair.b, pair.now, &record), [Ok(Some(b"x".to_vec()))]);
        let record = sealed(&mut pair.b, b"y");
        assert_eq!(record[0] & 3, (round + 4) & 3);
        assert_eq!(opened(&mut pair.a, pair.now, &record), [Ok(Some(b"y".to_vec()))]);
        if round == 0 {
            // What was under way may still come; what is older may not.
            let outcome = opened(&mut pair.b, pair.now, &before);
            assert_eq!(outcome, [Ok(Some(b"of the old keys".to_vec()))]);
        } else {
            assert_eq!(opened(&mut pair.b, pair.now, &before), [Err(Discard::Rejected)]);
        }
        assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
    }
}

#[test]
fn both_may_update_at_once_and_datagrams_may_be_lost() {
    for seed in 0..40 {
        let mut pair = connected(Versions::Dtls13);
        let link = LinkConfig {
            loss: 0.3,
            duplicate: 0.2,
            reorder: 0.2,
            ..LinkConfig::delayed(Duration::from_millis(10))
        };
        pair.a_to_b = testkit::Link::new(link, seed);
        pair.b_to_a = testkit::Link::new(link, !seed);
        for _ in 0..5 {
            pair.a.update_keys(pair.now);
            pair.b.update_keys(pair.now);
            for _ in 0..3 {
                pair.run_for(Duration::from_millis(7));
                exchange(&mut pair);
            }
            pair.run_for(Duration::from_secs(60));
            assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None), "seed {seed}");
            exchange(&mut pair);
        }
    }
}

#[test]
fn dtls_1_2_has_no_updates() {
    let mut pair = connected(Versions::Dtls12);
    pair.a.update_keys(pair.now);
    assert!(pair.a.poll_transmit(pair.now, &mut Vec::new()).is_none());
    exchange(&mut pair);
}

#[test]
fn an_update_waits_for_the_handshake() {
    let mut pair = pair([Versions::Dtls13; 2], LinkConfig::default(), 1);
    pair.a.update_keys(pair.now);
    assert!(connect(&mut pair));
    exchange(&mut pair);
}

#[test]
fn an_update_that_comes_too_early_is_made_up_for() {
    // C ─…Finished─► S is not yet acknowledged when the client, or the server, wants new keys.
    for by_client in [true, false] {
        let link = LinkConfig::delayed(Duration::from_millis(10));
        let mut pair = pair([Versions::Dtls13; 2], link, 1);
        assert!(pair.run_until(|pair| is_connected(&pair.a), Duration::from_secs(1)));
        if by_client {
            pair.a.update_keys(pair.now);
        } else {
            // The server's acknowledgement is lost, and then it asks for new keys.
            pair.b_to_a.config.loss = 1.0;
            assert!(connect(&mut pair));
            pair.run_for(Duration::from_millis(1));
            pair.b_to_a.config.loss = 0.0;
            pair.b.update_keys(pair.now);
        }
        pair.run_for(Duration::from_secs(5));
        for end in [&mut pair.a, &mut pair.b] {
            // The two lowest bits of epoch 4.
            assert_eq!(sealed(end, b"x")[0] & 3, 0, "{by_client}");
        }
        exchange(&mut pair);
        assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
    }
}
