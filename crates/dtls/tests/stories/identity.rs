//! Whose certificate it is.

use std::sync::Arc;
use std::time::Duration;

use patchcord_dtls::{
    Alert, Certificate, CloseReason, Config, ConfigError, Connection, Event, Fingerprint,
    HashFunction, Role, SealError, State, Versions,
};
use sansio::Instant;
use testkit::{Altered, LinkConfig, Pair, SeededRng};

use crate::support::{Ends, certificates, config, connect, connection};

/// The end in this role expects these fingerprints, the other expects the right one.
fn pair_expecting(role: Role, versions: Versions, expected: Vec<Fingerprint>) -> Ends {
    let strict = config(role, versions);
    let strict = Connection::new(Instant::ZERO, &strict, role, expected, SeededRng::boxed(1));
    let strict = strict.expect("valid");
    let opposite = role.opposite();
    let other = connection(&config(opposite, versions), opposite, 2);
    let link = LinkConfig::delayed(Duration::from_millis(10));
    match role {
        Role::Client => Pair::new(strict, other, link, 1),
        Role::Server => Pair::new(other, strict, link, 1),
    }
}

fn own(role: Role) -> &'static Certificate {
    let [client, server, _] = certificates();
    if role == Role::Client { client } else { server }
}

#[test]
fn a_stranger_is_refused_by_either_side() {
    let [_, _, stranger] = certificates();
    let announced = stranger.fingerprint(HashFunction::Sha256);
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        for role in [Role::Client, Role::Server] {
            let mut pair = pair_expecting(role, versions, vec![announced]);
            pair.run_for(Duration::from_secs(5));
            let presented = own(role.opposite()).fingerprint(HashFunction::Sha256);
            let reason =
                CloseReason::FingerprintMismatch { announced: [announced].into(), presented };
            let (strict, events) = match role {
                Role::Client => (&mut pair.a, &pair.a_events),
                Role::Server => (&mut pair.b, &pair.b_events),
            };
            assert_eq!(strict.state(), State::Failed, "{versions:?} {role:?}");
            assert_eq!(strict.close_reason(), Some(&reason));
            let text = reason.to_string();
            assert!(text.contains(&announced.to_string()) && text.contains(&presented.to_string()));
            assert_eq!(events[..], [Event::Closed(reason)]);
            assert!(strict.keying_material().is_none());
            let refused = strict.seal(&mut vec![0; 100], 0);
            assert_eq!(refused, Err(SealError::NotConnected(State::Failed)));
        }
    }
}

#[test]
fn the_one_who_was_refused_hears_why_while_it_can() {
    let [_, _, stranger] = certificates();
    let announced = vec![stranger.fingerprint(HashFunction::Sha256)];
    let bad_certificate = CloseReason::RemoteAlert(Alert::BAD_CERTIFICATE);
    // DTLS 1.2 sends certificates, and alerts about them, without protection.
    let mut pair = pair_expecting(Role::Client, Versions::Dtls12, announced.clone());
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.b.close_reason(), Some(&bad_certificate));
    let mut pair = pair_expecting(Role::Server, Versions::Dtls12, announced.clone());
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.a.close_reason(), Some(&bad_certificate));
    // DTLS 1.3 protects both, from its second flight on.
    let mut pair = pair_expecting(Role::Client, Versions::Dtls13, announced.clone());
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.b.close_reason(), Some(&bad_certificate));
    let mut pair = pair_expecting(Role::Server, Versions::Dtls13, announced);
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.a.close_reason(), Some(&bad_certificate));
}

#[test]
fn application_data_of_a_stranger_is_never_let_through() {
    let [_, _, stranger] = certificates();
    let announced = vec![stranger.fingerprint(HashFunction::Sha256)];
    let mut pair = pair_expecting(Role::Server, Versions::Dtls13, announced);
    // In 1.3 the client is through before the server has seen its certificate.
    pair.run_until(|pair| pair.a.state() == State::Connected, Duration::from_secs(1));
    let record = crate::support::sealed(&mut pair.a, b"let me in");
    let mut flight = Vec::new();
    while sansio::Machine::poll_transmit(&mut pair.a, pair.now, &mut flight).is_some() {}
    flight.extend_from_slice(&record);
    for outcome in crate::support::opened(&mut pair.b, pair.now, &flight) {
        assert!(!matches!(outcome, Ok(Some(_))), "{outcome:?}");
    }
    for outcome in crate::support::opened(&mut pair.b, pair.now, &record) {
        assert!(!matches!(outcome, Ok(Some(_))), "{outcome:?}");
    }
}

#[test]
fn one_of_several_fingerprints_suffices_if_its_function_is_the_strongest() {
    let [client, _, stranger] = certificates();
    use HashFunction::{Sha1, Sha256, Sha384, Sha512};
    for (expected, connects) in [
        (vec![stranger.fingerprint(Sha256), client.fingerprint(Sha256)], true),
        (vec![client.fingerprint(Sha256), client.fingerprint(Sha512)], true),
        (vec![client.fingerprint(Sha384)], true),
        (vec![client.fingerprint(Sha1)], true),
        // RFC 8122 §5.1: the weaker one does not count any more.
        (vec![client.fingerprint(Sha256), stranger.fingerprint(Sha512)], false),
        (vec![client.fingerprint(Sha1), stranger.fingerprint(Sha256)], false),
    ] {
        let shown = format!("{expected:?}");
        let mut pair = pair_expecting(Role::Server, Versions::Both, expected);
        assert_eq!(connect(&mut pair), connects, "{shown}");
    }
}

/// An end with a certificate of its own in this role, and one that expects it.
fn pair_with(certificate: &Arc<Certificate>, role: Role, versions: Versions) -> Ends {
    let own = Config { certificate: Arc::clone(certificate), ..config(role, versions) };
    let own = connection(&own, role, 1);
    let expected = vec![certificate.fingerprint(HashFunction::Sha384)];
    let mut pair = pair_expecting(role.opposite(), versions, expected);
    match role {
        Role::Client => pair.a = own,
        Role::Server => pair.b = own,
    }
    pair
}

#[test]
fn a_certificate_of_the_users_own_will_do() {
    let made = |algorithm| {
        let key = rcgen::KeyPair::generate_for(algorithm).expect("made");
        let made = rcgen::CertificateParams::default().self_signed(&key).expect("signed");
        Certificate::from_der(made.der(), key.serialized_der()).expect("read")
    };
    let rsa = Certificate::from_pem(include_str!("../vectors/rsa2048.pem")).expect("read");
    for certificate in
        [made(&rcgen::PKCS_ECDSA_P384_SHA384), made(&rcgen::PKCS_ED25519), rsa].map(Arc::new)
    {
        for versions in [Versions::Dtls12, Versions::Dtls13] {
            for role in [Role::Client, Role::Server] {
                let mut pair = pair_with(&certificate, role, versions);
                assert!(connect(&mut pair), "{versions:?} {role:?}: {:?}", pair.b_events);
            }
        }
    }
}

#[test]
fn in_dtls_1_2_the_suite_follows_the_servers_key() {
    let rsa = Certificate::from_pem(include_str!("../vectors/rsa2048.pem")).expect("read");
    let rsa = Arc::new(rsa);
    for (role, suite) in [(Role::Server, 0xC02F), (Role::Client, 0xC02B)] {
        let mut pair = pair_with(&rsa, role, Versions::Dtls12);
        assert!(connect(&mut pair));
        assert_eq!(pair.a.cipher_suite(), Some(patchcord_dtls::CipherSuite(suite)));
    }
}

#[test]
fn hashes_are_taken_from_the_users_cryptography() {
    let zeros = Fingerprint::new(HashFunction::Sha256, &[0; 32]).expect("32 bytes");
    let [_, right, _] = certificates();
    for (expected, connects) in [(zeros, true), (right.fingerprint(HashFunction::Sha256), false)] {
        let zeroed = Config {
            crypto: Arc::new(Altered::default().without_fingerprints()),
            ..config(Role::Client, Versions::Both)
        };
        let rng = SeededRng::boxed(1);
        let client = Connection::new(Instant::ZERO, &zeroed, Role::Client, vec![expected], rng);
        let mut pair = pair_expecting(Role::Server, Versions::Both, vec![own_fingerprint()]);
        pair.a = client.expect("valid");
        assert_eq!(connect(&mut pair), connects);
    }
}

fn own_fingerprint() -> Fingerprint {
    own(Role::Client).fingerprint(HashFunction::Sha256)
}

#[test]
fn without_a_fingerprint_nothing_begins() {
    let config = config(Role::Client, Versions::Both);
    let begun = |config: &Config, expected| {
        let rng = SeededRng::boxed(1);
        Connection::new(Instant::ZERO, config, Role::Client, expected, rng).err()
    };
    assert_eq!(begun(&config, Vec::new()), Some(ConfigError::NoFingerprint));
    let expected = || vec![certificates()[1].fingerprint(HashFunction::Sha256)];
    let small = Config { mtu: 255, ..config.clone() };
    assert_eq!(begun(&small, expected()), Some(ConfigError::Mtu { mtu: 255 }));
    let timer = Duration::ZERO;
    let hasty = Config { handshake_timeout: timer, ..config };
    assert_eq!(begun(&hasty, expected()), Some(ConfigError::Timer { timer }));
}
