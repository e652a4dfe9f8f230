//! What becomes of a handshake when a part of it is lost, late, early, repeated or damaged.

use std::sync::Arc;
use std::time::Duration;

use patchcord_dtls::{
    Alert, CloseReason, Config, ConfigError, Connection, HashFunction, NamedGroup, Role, Versions,
};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, Pair, SeededRng};

use crate::support::{
    Ends, config, connect, connection, exchange, flight, flight_at, is_connected, opened, pair,
};

const ALL: [Versions; 3] = [Versions::Dtls12, Versions::Dtls13, Versions::Both];
const DELAY: Duration = Duration::from_millis(10);

/// Loses the datagram with this number.
fn lose(number: usize) -> impl FnMut(&[u8]) -> bool + Send + 'static {
    let mut count = 0;
    move |_| {
        count += 1;
        count == number + 1
    }
}

#[test]
fn any_datagram_may_be_lost() {
    for (versions, mtu) in ALL.into_iter().flat_map(|one| [(one, 1184), (one, 256)]) {
        for role in [Role::Client, Role::Server] {
            for number in 0..12 {
                let [client, server] = ends(versions, mtu);
                let link = LinkConfig::delayed(DELAY);
                let mut pair = Pair::new(client, server, link, number as u64);
                match role {
                    Role::Client => pair.a_to_b.drop_if(lose(number)),
                    Role::Server => pair.b_to_a.drop_if(lose(number)),
                }
                assert!(connect(&mut pair), "{versions:?} {role:?} {number}");
                // Three flights of 10 ms, and one wait of 100 ms, a quarter more.
                let most = Instant::from_millis(40 + 125 + 20);
                assert!(pair.now <= most, "{versions:?} {role:?} {number}: {:?}", pair.now);
                pair.run_for(Duration::from_secs(60));
                exchange(&mut pair);
                assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
            }
        }
    }
}

#[test]
fn whole_flights_may_be_lost() {
    // From when on and for how long, in milliseconds, each way is cut: each flight of each version
    // once, and some twice.
    for versions in ALL {
        for (from, long) in [(0, 5), (5, 10), (15, 10), (25, 10), (35, 10), (0, 150), (15, 150)] {
            for role in [Role::Client, Role::Server] {
                let mut pair = pair([versions; 2], LinkConfig::delayed(DELAY), from);
                pair.run_for(Duration::from_millis(from));
                let link = match role {
                    Role::Client => &mut pair.a_to_b,
                    Role::Server => &mut pair.b_to_a,
                };
                link.config.loss = 1.0;
                pair.run_for(Duration::from_millis(long));
                pair.a_to_b.config.loss = 0.0;
                pair.b_to_a.config.loss = 0.0;
                assert!(connect(&mut pair), "{versions:?} {role:?} {from} {long}");
                assert!(pair.now < Instant::from_millis(700), "{:?}", pair.now);
                exchange(&mut pair);
            }
        }
    }
}

#[test]
fn a_gap_is_reported_and_only_what_is_missing_comes_again() {
    // C ─ClientHello─► S ─1 2 3 …─► C at 20 ms, and one is lost; a quarter of the timer later
    // C ─ACK 1 3 …─► S ─2─► C at 65 ms.
    let run = |lost: Option<usize>| {
        let client = connection(&config(Role::Client, Versions::Dtls13), Role::Client, 1);
        let groups = Arc::new([NamedGroup::X25519]);
        let server = Config { groups, mtu: 256, ..config(Role::Server, Versions::Dtls13) };
        let server = connection(&server, Role::Server, 2);
        let mut pair = Pair::new(client, server, LinkConfig::delayed(DELAY), 1);
        if let Some(number) = lost {
            pair.b_to_a.drop_if(lose(number));
        }
        assert!(pair.run_until(|pair| is_connected(&pair.a), Duration::from_secs(1)));
        (pair.now, pair.b_to_a.counters.sent)
    };
    let (at, whole) = run(None);
    assert!(at == Instant::from_millis(20) && whole == 3, "{at:?} {whole}");
    for lost in 1..3 {
        assert_eq!(run(Some(lost)), (Instant::from_millis(65), whole + 1), "{lost}");
    }
}

#[test]
fn a_late_acknowledgement_does_not_take_the_handshakes_keys_away() {
    let [mut client, mut server] = ends(Versions::Dtls13, 256);
    let mut now = Instant::ZERO;
    let carry = |to: &mut Connection, now, datagrams: &[Vec<u8>]| {
        datagrams.iter().for_each(|one| assert!(opened(to, now, one).iter().any(Result::is_ok)));
    };
    carry(&mut server, now, &flight_at(&mut client, now));
    let mut theirs = flight_at(&mut server, now);
    let last = theirs.split_off(theirs.len() - 1);
    carry(&mut client, now, &theirs);
    // C ─ACK of all but the end─► S is overtaken by C ─…Finished─► S.
    now = client.poll_timeout().expect("waits for the rest");
    let mut late = Vec::new();
    assert!(client.poll_transmit(now, &mut late).is_some());
    carry(&mut client, now, &last);
    carry(&mut server, now, &flight_at(&mut client, now));
    assert!(is_connected(&client) && is_connected(&server));
    // S ─ACK─► C is lost.
    assert_eq!(flight_at(&mut server, now).len(), 1);
    carry(&mut server, now, &[late]);
    // C ─…Finished─► S comes again, and is acknowledged again.
    now = client.poll_timeout().expect("repeats its flight");
    client.handle_timeout(now);
    carry(&mut server, now, &flight_at(&mut client, now));
    carry(&mut client, now, &flight_at(&mut server, now));
    assert_eq!((client.poll_timeout(), client.awaits_answer()), (None, false));
}

fn ends(versions: Versions, mtu: usize) -> [Connection; 2] {
    [Role::Client, Role::Server].map(|role| {
        let config = Config { mtu, ..config(role, versions) };
        connection(&config, role, 1)
    })
}

/// Hands over flights, changed by `change`, until nobody has anything to say.
fn carry(ends: &mut [Connection; 2], mut change: impl FnMut(Vec<Vec<u8>>) -> Vec<Vec<u8>>) {
    for turn in 0..8 {
        let [a, b] = ends;
        let (from, to) = if turn % 2 == 0 { (a, b) } else { (b, a) };
        for datagram in change(flight(from)) {
            opened(to, Instant::ZERO, &datagram);
        }
    }
}

#[test]
fn flights_may_come_backwards() {
    for versions in ALL {
        for mtu in [256, 400, 1184] {
            let mut ends = ends(versions, mtu);
            carry(&mut ends, |mut flight| {
                flight.reverse();
                flight
            });
            // No timer has run: all of it was used.
            assert!(ends.iter().all(is_connected), "{versions:?} {mtu}");
        }
    }
}

#[test]
fn flights_may_come_twice() {
    for versions in ALL {
        let mut ends = ends(versions, 300);
        carry(&mut ends, |flight| {
            flight.iter().flat_map(|one| [one.clone(), one.clone()]).collect()
        });
        assert!(ends.iter().all(is_connected), "{versions:?}");
    }
}

#[test]
fn damaged_copies_of_protected_records_change_nothing() {
    // C ─Certificate…Finished─► S is protected from end to end in DTLS 1.3.
    let mut ends = ends(Versions::Dtls13, 256);
    let [client, server] = &mut ends;
    flight(client).iter().for_each(|datagram| _ = opened(server, Instant::ZERO, datagram));
    flight(server).iter().for_each(|datagram| _ = opened(client, Instant::ZERO, datagram));
    let last = flight(client);
    assert!(is_connected(client) && last.len() > 1);
    for datagram in &last {
        for bit in 0..8 * datagram.len() {
            let mut copy = datagram.clone();
            copy[bit / 8] ^= 1 << (bit % 8);
            let outcomes = opened(server, Instant::ZERO, &copy);
            // A first byte that does not say handshake keys any more may be kept for later.
            assert!(bit < 8 || outcomes[0].is_err(), "bit {bit}: {outcomes:?}");
        }
        assert!(!is_connected(server));
        assert!(opened(server, Instant::ZERO, datagram)[0].is_ok());
    }
    assert!(is_connected(server));
}

#[test]
fn early_records_are_kept_within_bounds() {
    let mut ends = ends(Versions::Dtls13, 1184);
    let [client, _] = &mut ends;
    flight(client);
    let record: Vec<u8> = [&[0x2E, 0, 0, 0x04, 0][..], &[7; 1024]].concat();
    let kept = (0..100).filter(|_| opened(client, Instant::ZERO, &record)[0].is_ok()).count();
    assert_eq!(kept, 16);
}

/// A client with all groups and a server with these.
fn pair_with_groups(groups: &[NamedGroup], versions: Versions) -> Ends {
    let all = config(Role::Client, versions).groups;
    pair_of_groups([&all, groups], versions)
}

/// The client's groups, and the server's.
fn pair_of_groups(groups: [&[NamedGroup]; 2], versions: Versions) -> Ends {
    let [client, server] = [(Role::Client, groups[0]), (Role::Server, groups[1])]
        .map(|(role, groups)| Config { groups: groups.into(), ..config(role, versions) });
    let client = connection(&client, Role::Client, 1);
    let server = connection(&server, Role::Server, 2);
    Pair::new(client, server, LinkConfig::delayed(Duration::from_millis(40)), 1)
}

#[test]
fn a_server_asks_for_the_share_that_it_can_use() {
    // C ─ClientHello─► S ─HelloRetryRequest─► C ─ClientHello─► S ─ServerHello…Finished─► C …
    for (group, client, server) in [
        (NamedGroup::X25519_MLKEM768, 80, 120),
        (NamedGroup::X25519, 80, 120),
        (NamedGroup::P256, 160, 200),
        (NamedGroup::P384, 160, 200),
    ] {
        let mut pair = pair_with_groups(&[group], Versions::Dtls13);
        assert!(pair.run_until(|pair| is_connected(&pair.a), Duration::from_secs(1)));
        let at_client = pair.now;
        assert!(connect(&mut pair), "{group}");
        assert_eq!([at_client, pair.now], [client, server].map(Instant::from_millis), "{group}");
        exchange(&mut pair);
    }
    for group in [NamedGroup::X25519, NamedGroup::P256, NamedGroup::P384] {
        let mut pair = pair_with_groups(&[group], Versions::Dtls12);
        assert!(connect(&mut pair), "{group}");
    }
}

#[test]
fn without_a_common_group_there_is_no_connection() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let mut pair = pair_of_groups([&[NamedGroup::X25519], &[NamedGroup::P256]], versions);
        pair.run_for(Duration::from_secs(1));
        let refused = CloseReason::RemoteAlert(Alert::HANDSHAKE_FAILURE);
        assert_eq!(pair.a.close_reason(), Some(&refused), "{versions:?}");
        let fault = CloseReason::Fault(Alert::HANDSHAKE_FAILURE);
        assert_eq!(pair.b.close_reason(), Some(&fault), "{versions:?}");
    }
}

#[test]
fn a_client_sends_shares_for_the_first_two_of_its_groups() {
    use NamedGroup as G;
    // C ─ClientHello─► S ─ServerHello…Finished─► C; 80 ms more if S wants another share.
    for (client, server, at) in [
        (vec![G::P256, G::P384, G::X25519], G::P384, 80),
        (vec![G::P256, G::P384, G::X25519], G::X25519, 160),
        (vec![G::X25519], G::X25519, 80),
    ] {
        let mut pair = pair_of_groups([&client, &[server]], Versions::Dtls13);
        assert!(pair.run_until(|pair| is_connected(&pair.a), Duration::from_secs(1)));
        assert_eq!(pair.now, Instant::from_millis(at), "{client:?} {server}");
    }
}

#[test]
fn the_servers_order_of_groups_decides_where_there_are_shares() {
    // Both are offered, and one of them has twenty times the bytes.
    let bytes = |groups: &[NamedGroup]| {
        let mut pair = pair_with_groups(groups, Versions::Dtls13);
        assert!(connect(&mut pair));
        pair.b_to_a.counters.sent_bytes
    };
    let (hybrid, curve) = (NamedGroup::X25519_MLKEM768, NamedGroup::X25519);
    let [first, second] = [bytes(&[hybrid, curve]), bytes(&[curve, hybrid])];
    assert!(first > second + 1000, "{first} {second}");
}

#[test]
fn groups_that_nobody_has_are_refused() {
    let begun = |groups: &[NamedGroup], versions| {
        let config = Config { groups: groups.into(), ..config(Role::Client, versions) };
        let expected = vec![config.certificate.fingerprint(HashFunction::Sha256)];
        let rng = SeededRng::boxed(1);
        Connection::new(Instant::ZERO, &config, Role::Client, expected, rng).map(drop)
    };
    let hybrid = [NamedGroup::X25519_MLKEM768];
    for (groups, versions, refused) in [
        (&[][..], Versions::Both, true),
        (&[NamedGroup(0xFFFF)], Versions::Both, true),
        // RFC 8422 has curves alone.
        (&hybrid, Versions::Dtls12, true),
        (&hybrid, Versions::Both, false),
        (&[NamedGroup(0xFFFF), NamedGroup::P256], Versions::Dtls12, false),
    ] {
        let expected = if refused { Err(ConfigError::NoGroup) } else { Ok(()) };
        assert_eq!(begun(groups, versions), expected, "{groups:?} {versions:?}");
    }
}

#[test]
fn versions_that_do_not_meet_end_with_an_alert() {
    for versions in [[Versions::Dtls12, Versions::Dtls13], [Versions::Dtls13, Versions::Dtls12]] {
        let mut pair = pair(versions, LinkConfig::default(), 1);
        pair.run_for(Duration::from_secs(1));
        let refused = CloseReason::RemoteAlert(Alert::PROTOCOL_VERSION);
        assert_eq!(pair.a.close_reason(), Some(&refused), "{versions:?}");
    }
}

#[test]
fn a_downgrade_by_somebody_on_the_path_is_noticed() {
    // C ─ClientHello, its versions hidden─► S ─ServerHello of 1.2, marked─► C
    let mut ends = ends(Versions::Both, 1184);
    let [client, server] = &mut ends;
    for mut datagram in flight(client) {
        let versions = [0, 43, 0, 5, 4, 0xFE, 0xFC, 0xFE, 0xFD];
        if let Some(at) = datagram.windows(9).position(|bytes| bytes == versions) {
            datagram[at..at + 2].copy_from_slice(&[0x5A, 0x5A]);
        }
        opened(server, Instant::ZERO, &datagram);
    }
    for datagram in flight(server) {
        opened(client, Instant::ZERO, &datagram);
    }
    assert_eq!(client.close_reason(), Some(&CloseReason::Fault(Alert::ILLEGAL_PARAMETER)));
}

#[test]
fn a_server_may_make_sure_that_its_client_is_there() {
    for (versions, both) in [(Versions::Dtls12, 240), (Versions::Dtls13, 200)] {
        for loss in [None, Some(0), Some(1)] {
            let client = connection(&config(Role::Client, versions), Role::Client, 1);
            let careful = Config { cookies: true, ..config(Role::Server, versions) };
            let careful = connection(&careful, Role::Server, 2);
            let link = LinkConfig::delayed(Duration::from_millis(40));
            let mut pair = Pair::new(client, careful, link, 1);
            if let Some(number) = loss {
                pair.b_to_a.drop_if(lose(number));
            }
            assert!(connect(&mut pair), "{versions:?} {:?}", pair.a_events);
            if loss.is_none() {
                assert_eq!(pair.now, Instant::from_millis(both), "{versions:?}");
            }
            exchange(&mut pair);
        }
    }
}

#[test]
fn a_record_size_limit_is_told_and_kept() {
    // Both offer all there is; the test of a smaller one is with a peer that has it.
    let pair = crate::support::connected(Versions::Both);
    let mut buf = vec![0; pair.a.head_room() + Connection::MAX_PLAINTEXT];
    let mut a = pair.a;
    assert_eq!(a.seal(&mut buf, 0), Ok(()));
}

#[test]
fn srtp_is_left_out_if_nobody_wants_it() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        for role in [Role::Client, Role::Server] {
            let mut ends = [Role::Client, Role::Server].map(|one| {
                let mut config = config(one, versions);
                if one == role {
                    config.srtp_profiles = Arc::new([]);
                }
                connection(&config, one, 1)
            });
            carry(&mut ends, |flight| flight);
            assert!(ends.iter().all(|end| is_connected(end) && end.keying_material().is_none()));
        }
    }
}
