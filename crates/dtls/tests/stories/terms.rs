//! What two ends agree on besides keys: application protocols, who must say who it is, how long a
//! datagram may be.

use std::sync::Arc;

use patchcord_dtls::{
    Alert, ClientAuthentication, CloseReason, Config, ConfigError, Connection, Event, HashFunction,
    Role, SealError, State, Versions,
};
use sansio::{Instant, Machine};
use testkit::{Direction, LinkConfig, Pair, SeededRng};

use crate::support::{
    Ends, certificates, config, connect, connection, exchange, flight, is_connected, opened, sealed,
};

const VERSIONS: [Versions; 2] = [Versions::Dtls12, Versions::Dtls13];

fn names(all: &[&str]) -> Arc<[Box<[u8]>]> {
    all.iter().map(|name| name.as_bytes().into()).collect()
}

fn pair_with_protocols(versions: Versions, client: &[&str], server: &[&str]) -> Ends {
    let [client, server] = [(Role::Client, client), (Role::Server, server)].map(|(role, all)| {
        let config = Config { application_protocols: names(all), ..config(role, versions) };
        connection(&config, role, 1)
    });
    Pair::new(client, server, LinkConfig::default(), 1)
}

#[test]
fn the_servers_order_decides_on_an_application_protocol() {
    for versions in VERSIONS {
        for (client, server, agreed) in [
            (&["c-webrtc", "webrtc"][..], &["webrtc", "c-webrtc"][..], Some("webrtc")),
            (&["c-webrtc", "webrtc"], &[], None),
            (&[], &["webrtc"], None),
        ] {
            let mut pair = pair_with_protocols(versions, client, server);
            assert!(connect(&mut pair));
            for end in [&pair.a, &pair.b] {
                assert_eq!(end.application_protocol(), agreed.map(str::as_bytes));
            }
            exchange(&mut pair);
        }
        let mut pair = pair_with_protocols(versions, &["h3"], &["webrtc"]);
        assert!(!connect(&mut pair));
        let refused = CloseReason::Fault(Alert::NO_APPLICATION_PROTOCOL);
        assert_eq!(pair.b.close_reason(), Some(&refused));
        let told = CloseReason::RemoteAlert(Alert::NO_APPLICATION_PROTOCOL);
        assert_eq!(pair.a.close_reason(), Some(&told));
    }
}

#[test]
fn names_of_protocols_have_bounds() {
    let long = "x".repeat(256);
    let many = vec!["nine char"; 103];
    for (all, total) in [(&[""][..], 1), (&[&long], 257), (&many, 1030)] {
        let config =
            Config { application_protocols: names(all), ..config(Role::Client, Versions::Both) };
        let expected = vec![certificates()[1].fingerprint(HashFunction::Sha256)];
        let rng = SeededRng::boxed(1);
        let begun = Connection::new(Instant::ZERO, &config, Role::Client, expected, rng);
        assert_eq!(begun.err(), Some(ConfigError::ApplicationProtocols { total }));
    }
}

#[test]
fn a_server_may_do_without_knowing_its_client() {
    for versions in VERSIONS {
        let client = connection(&config(Role::Client, versions), Role::Client, 1);
        let client_authentication = ClientAuthentication::NotRequested;
        let open = Config { client_authentication, ..config(Role::Server, versions) };
        let server =
            Connection::new(Instant::ZERO, &open, Role::Server, vec![], SeededRng::boxed(2));
        let mut pair = Pair::new(client, server.expect("valid"), LinkConfig::default(), 1);
        assert!(connect(&mut pair), "{versions:?}");
        assert!(matches!(pair.b_events[..], [Event::Connected { .. }]));
        exchange(&mut pair);
        // A client always knows its server.
        let rng = SeededRng::boxed(1);
        let begun = Connection::new(Instant::ZERO, &open, Role::Client, vec![], rng);
        assert_eq!(begun.err(), Some(ConfigError::NoFingerprint));
    }
}

#[test]
fn the_size_of_datagrams_may_change_on_the_way() {
    let mut client = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
    assert_eq!(client.set_mtu(255), Err(ConfigError::Mtu { mtu: 255 }));
    assert!(flight(&mut client).iter().any(|datagram| datagram.len() > 1100));
    assert_eq!(client.set_mtu(300), Ok(()));
    client.handle_timeout(Instant::from_millis(500));
    let again = flight(&mut client);
    assert!(again.len() > 4 && again.iter().all(|datagram| datagram.len() <= 300));
}

#[test]
fn a_first_hello_calls_itself_by_an_old_name() {
    // As browsers do; what follows a chosen version does not.
    let mut client = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
    assert!(flight(&mut client).iter().all(|datagram| datagram[1..3] == [0xFE, 0xFF]));
    let mut client = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
    let cookies = Config { cookies: true, ..config(Role::Server, Versions::Dtls13) };
    let mut server = connection(&cookies, Role::Server, 1);
    flight(&mut client).iter().for_each(|one| _ = opened(&mut server, Instant::ZERO, one));
    flight(&mut server).iter().for_each(|one| _ = opened(&mut client, Instant::ZERO, one));
    assert!(flight(&mut client).iter().all(|datagram| datagram[1..3] == [0xFE, 0xFD]));
}

/// A record without protection that holds a whole message of a server.
fn said(record: u8, kind: u8, sequence: u8, body: &[u8]) -> Vec<u8> {
    let u16 = |len: usize| u16::try_from(len).expect("short").to_be_bytes();
    let [l0, l1] = u16(body.len());
    let message = [&[kind, 0, l0, l1, 0, sequence, 0, 0, 0, 0, l0, l1][..], body].concat();
    let head = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, record];
    [&head[..], &u16(message.len()), &message].concat()
}

#[test]
fn a_server_that_asks_for_a_cookie_in_the_old_way_cannot_be_one_of_1_3() {
    let share = [&[0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
    let extensions = [&[0, 43, 0, 2, 0xFE, 0xFC][..], &share].concat();
    let length = [0, u8::try_from(extensions.len()).expect("short")];
    let head = [&[0xFE, 0xFD][..], &[7; 32], &[0, 0x13, 1, 0]].concat();
    let hello = [&head[..], &length, &extensions].concat();
    for asks in [false, true] {
        let mut client = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
        flight(&mut client);
        if asks {
            // HelloVerifyRequest with a cookie of one byte.
            let request = said(0, 3, 0, &[0xFE, 0xFF, 1, 7]);
            assert_eq!(opened(&mut client, Instant::ZERO, &request), [Ok(None)]);
        }
        let hello = said(1, 2, u8::from(asks), &hello);
        opened(&mut client, Instant::ZERO, &hello);
        let refused = CloseReason::Fault(Alert::ILLEGAL_PARAMETER);
        assert_eq!(client.close_reason(), asks.then_some(&refused));
    }
}

#[test]
fn a_repeated_flight_that_was_answered_provokes_nothing_more() {
    let ends = || {
        [Role::Client, Role::Server]
            .map(|role| connection(&config(role, Versions::Dtls13), role, 1))
    };
    for times in [1, 3] {
        let [mut client, mut server] = ends();
        flight(&mut client).iter().for_each(|one| _ = opened(&mut server, Instant::ZERO, one));
        let theirs = flight(&mut server);
        for _ in 0..times {
            theirs.iter().for_each(|one| _ = opened(&mut client, Instant::ZERO, one));
        }
        assert!(is_connected(&client));
        assert_eq!(flight(&mut client).len(), 1, "{times}");
    }
}

#[test]
fn a_server_may_be_allowed_to_speak_before_it_knows_its_client() {
    for early_server_data in [false, true] {
        let mut client = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
        let open = Config { early_server_data, ..config(Role::Server, Versions::Both) };
        let mut server = connection(&open, Role::Server, 2);
        assert!(!server.may_seal());
        flight(&mut client).iter().for_each(|one| _ = opened(&mut server, Instant::ZERO, one));
        assert_eq!((server.may_seal(), server.state()), (early_server_data, State::Connecting));
        let theirs = flight(&mut server);
        if !early_server_data {
            let refused = server.seal(&mut vec![0; 60], 0);
            assert_eq!(refused, Err(SealError::NotConnected(State::Connecting)));
            continue;
        }
        let record = sealed(&mut server, b"to whom it may concern");
        theirs.iter().for_each(|one| _ = opened(&mut client, Instant::ZERO, one));
        let read = opened(&mut client, Instant::ZERO, &record);
        assert_eq!(read, [Ok(Some(b"to whom it may concern".to_vec()))]);
        // What it hears is still nothing before it knows from whom.
        let answer = sealed(&mut client, b"me");
        assert_eq!(opened(&mut server, Instant::ZERO, &answer), [Ok(None)]);
        assert_eq!(server.poll_data(), None);
        flight(&mut client).iter().for_each(|one| _ = opened(&mut server, Instant::ZERO, one));
        assert!(is_connected(&server) && server.may_seal());
        assert_eq!(server.poll_data(), Some(b"me".to_vec()));
        let answer = sealed(&mut client, b"me");
        assert_eq!(opened(&mut server, Instant::ZERO, &answer), [Ok(Some(b"me".to_vec()))]);
    }
}

#[test]
fn a_record_size_limit_has_bounds() {
    for limit in [63, Connection::MAX_PLAINTEXT + 1] {
        let config = Config { record_size_limit: limit, ..config(Role::Client, Versions::Both) };
        let expected = vec![certificates()[1].fingerprint(HashFunction::Sha256)];
        let rng = SeededRng::boxed(1);
        let begun = Connection::new(Instant::ZERO, &config, Role::Client, expected, rng);
        assert_eq!(begun.err(), Some(ConfigError::RecordSizeLimit { limit }));
    }
}

#[test]
fn records_keep_to_what_the_other_side_takes() {
    for (versions, limit) in VERSIONS.into_iter().flat_map(|one| [(one, 64), (one, 512)]) {
        for small in [Role::Client, Role::Server] {
            let end = |role| {
                let limit = if role == small { limit } else { Connection::MAX_PLAINTEXT };
                let config = Config { record_size_limit: limit, ..config(role, versions) };
                connection(&config, role, 1)
            };
            let link = LinkConfig::delayed(std::time::Duration::from_millis(10));
            let mut pair = Pair::new(end(Role::Client), end(Role::Server), link, 1);
            // Some are lost, so that acknowledgements travel too.
            pair.a_to_b.config.loss = 0.3;
            pair.b_to_a.config.loss = 0.3;
            assert!(connect(&mut pair), "{versions:?} {limit} {small:?}");
            // Head, plaintext, content type, tag.
            let around = if versions == Versions::Dtls12 { 37 } else { 22 };
            let way = if small == Role::Client { Direction::BToA } else { Direction::AToB };
            for entry in pair.trace.entries().filter(|entry| entry.direction == way) {
                let longest = protected(&entry.data).max();
                assert!(longest <= Some(limit + around), "{versions:?} {limit}: {longest:?}");
            }
            let (small, large) = match small {
                Role::Client => (&mut pair.a, &mut pair.b),
                Role::Server => (&mut pair.b, &mut pair.a),
            };
            let mut record = vec![0; large.head_room() + limit + 1];
            let refused = Err(SealError::TooLong { len: limit + 1, max: limit });
            assert_eq!(large.seal(&mut record, 0), refused);
            let record = sealed(large, &vec![7; limit]);
            assert_eq!(opened(small, pair.now, &record), [Ok(Some(vec![7; limit]))]);
            assert!(small.seal(&mut vec![0; 10_000], 0).is_ok());
        }
    }
}

/// The lengths of all protected records in a datagram of the handshake.
fn protected(datagram: &[u8]) -> impl Iterator<Item = usize> {
    let mut rest = datagram;
    core::iter::from_fn(move || {
        while let Some(first) = rest.first() {
            let hidden = *first & 0xE0 == 0x20;
            let (head, at) = if hidden { (5, 3) } else { (13, 11) };
            let len = head + usize::from(u16::from_be_bytes([rest[at], rest[at + 1]]));
            let is_protected = hidden || rest[4] != 0;
            rest = &rest[len..];
            if is_protected {
                return Some(len);
            }
        }
        None
    })
}
