//! Servers that are known by name: the caller judges their certificates, RFC 7350 §3.

use std::sync::Arc;
use std::time::Duration;

use patchcord_dtls::{
    Alert, Certificate, ClientAuthentication, CloseReason, Config, ConfigError, Connection,
    CryptoError, Event, HashFunction, KeyKind, Role, SealError, ServerAuthentication,
    SignatureScheme, SigningKey, State, Versions,
};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, Pair, SeededRng};

use crate::support::{Ends, certificates, config, connection, exchange, is_connected, sealed};

const VERSIONS: [Versions; 3] = [Versions::Dtls12, Versions::Dtls13, Versions::Both];
const SOON: Duration = Duration::from_secs(2);

/// What a client of a TURN server has: no fingerprint, and nothing to show.
fn caller(versions: Versions) -> Config {
    Config {
        server_authentication: ServerAuthentication::Caller,
        client_authentication: ClientAuthentication::NotRequested,
        server_name: Some("turn.test".into()),
        srtp_profiles: Arc::new([]),
        ..config(Role::Client, versions)
    }
}

fn client(config: &Config) -> Connection {
    let rng = SeededRng::boxed(1);
    Connection::new(Instant::ZERO, config, Role::Client, Vec::new(), rng).expect("valid")
}

/// Such a client, and a server that asks nobody who they are.
fn pair(versions: Versions, certificate: Certificate, link: LinkConfig) -> Ends {
    let server = Config {
        certificate: Arc::new(certificate),
        client_authentication: ClientAuthentication::NotRequested,
        ..config(Role::Server, versions)
    };
    let server =
        Connection::new(Instant::ZERO, &server, Role::Server, Vec::new(), SeededRng::boxed(2));
    Pair::new(client(&caller(versions)), server.expect("valid"), link, 1)
}

/// One whose chain has three, the last two long.
fn chained() -> (Certificate, Vec<Vec<u8>>) {
    let [_, server, _] = certificates();
    let issuers = [vec![1; 700], vec![2; 3000]];
    let shown = [&[server.der().to_vec()], &issuers[..]].concat();
    (Certificate::clone(server).with_issuers(issuers.map(Into::into)), shown)
}

fn is_asked(pair: &mut Ends) -> bool {
    pair.a_events.contains(&Event::CertificatePresented)
}

#[test]
fn the_handshake_waits_for_the_callers_word() {
    for versions in VERSIONS {
        let (certificate, shown) = chained();
        let link = LinkConfig::delayed(Duration::from_millis(10));
        let mut pair = pair(versions, certificate, link);
        assert!(pair.run_until(is_asked, SOON), "{versions:?}");
        // However long the caller takes, nobody is connected, and nothing can be sent.
        pair.run_for(Duration::from_secs(5));
        assert_eq!((pair.a.state(), pair.b.state()), (State::Connecting, State::Connecting));
        let refused = pair.a.seal(&mut vec![0; 100], 0);
        assert_eq!(refused, Err(SealError::NotConnected(State::Connecting)));
        assert_eq!(pair.a_events, [Event::CertificatePresented]);
        assert_eq!(pair.a.presented_certificates().collect::<Vec<_>>(), shown);
        let now = pair.now;
        pair.a.accept_certificate(now);
        assert_eq!(pair.a.presented_certificates().count(), 0);
        assert!(pair.run_until(|p| is_connected(&p.a) && is_connected(&p.b), SOON));
        exchange(&mut pair);
        // Nothing is left to judge.
        pair.a.refuse_certificate(Alert::BAD_CERTIFICATE);
        pair.a.accept_certificate(now);
        assert!(is_connected(&pair.a));
    }
}

#[test]
fn a_server_that_is_refused_is_told_and_gets_nothing() {
    for versions in VERSIONS {
        let mut pair = pair(versions, chained().0, LinkConfig::default());
        assert!(pair.run_until(is_asked, SOON));
        pair.a.refuse_certificate(Alert(48));
        pair.run_for(SOON);
        let reason = CloseReason::CertificateRefused(Alert(48));
        assert_eq!(pair.a_events, [Event::CertificatePresented, Event::Closed(reason.clone())]);
        assert_eq!(pair.a.state(), State::Failed);
        assert_eq!(reason.to_string(), "certificate refused: unknown_ca");
        assert_eq!(pair.a.presented_certificates().count(), 0);
        assert_eq!(pair.b.close_reason(), Some(&CloseReason::RemoteAlert(Alert(48))));
        assert!(pair.a.seal(&mut vec![0; 100], 0).is_err());
    }
}

#[test]
fn who_takes_too_long_is_late() {
    let mut pair = pair(Versions::Both, chained().0, LinkConfig::default());
    assert!(pair.run_until(is_asked, SOON));
    pair.run_for(Duration::from_secs(31));
    let now = pair.now;
    pair.a.accept_certificate(now);
    let after = Duration::from_secs(30);
    assert_eq!(pair.a.close_reason(), Some(&CloseReason::Timeout { after }));
}

#[test]
fn acceptance_is_no_substitute_for_the_key() {
    let [_, server, _] = certificates();
    let mut pair = pair(Versions::Dtls13, Certificate::clone(server), LinkConfig::default());
    let stolen = Config {
        certificate: Arc::new(
            Certificate::with_signer(server.der(), Arc::new(Forger)).expect("read"),
        ),
        client_authentication: ClientAuthentication::NotRequested,
        ..config(Role::Server, Versions::Dtls13)
    };
    let rng = SeededRng::boxed(2);
    pair.b = Connection::new(Instant::ZERO, &stolen, Role::Server, Vec::new(), rng).expect("valid");
    assert!(pair.run_until(is_asked, SOON));
    let now = pair.now;
    pair.a.accept_certificate(now);
    assert_eq!(pair.a.close_reason(), Some(&CloseReason::Fault(Alert::DECRYPT_ERROR)));
}

/// Has a certificate, and not its key.
#[derive(Debug)]
struct Forger;

impl SigningKey for Forger {
    fn kind(&self) -> KeyKind {
        KeyKind::P256
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ECDSA_P256_SHA256]
    }

    fn sign(
        &self,
        _: SignatureScheme,
        _: &[u8],
        _: &mut dyn sansio::Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        Ok(vec![7; 70])
    }
}

#[test]
fn who_is_asked_and_has_nothing_to_show_says_so() {
    for versions in VERSIONS {
        let mut pair = pair(versions, chained().0, LinkConfig::default());
        // This server wants to know its clients.
        pair.b = connection(&config(Role::Server, versions), Role::Server, 2);
        assert!(pair.run_until(is_asked, SOON));
        let now = pair.now;
        pair.a.accept_certificate(now);
        pair.run_for(SOON);
        let alert = match versions {
            Versions::Dtls12 => Alert::HANDSHAKE_FAILURE,
            _ => Alert::CERTIFICATE_REQUIRED,
        };
        assert_eq!(pair.b.close_reason(), Some(&CloseReason::Fault(alert)), "{versions:?}");
        assert_eq!(pair.a.close_reason(), Some(&CloseReason::RemoteAlert(alert)));
    }
}

#[test]
fn who_has_something_to_show_shows_it() {
    for versions in VERSIONS {
        let mut pair = pair(versions, chained().0, LinkConfig::default());
        let own =
            Config { client_authentication: ClientAuthentication::Required, ..caller(versions) };
        pair.a = client(&own);
        pair.b = connection(&config(Role::Server, versions), Role::Server, 2);
        assert!(pair.run_until(is_asked, SOON));
        let now = pair.now;
        pair.a.accept_certificate(now);
        assert!(pair.run_until(|p| is_connected(&p.a) && is_connected(&p.b), SOON));
    }
}

#[test]
fn a_lossy_path_only_takes_longer() {
    for seed in 0..40 {
        for versions in VERSIONS {
            let link = LinkConfig { loss: 0.3, ..LinkConfig::delayed(Duration::from_millis(10)) };
            let mut pair = pair(versions, chained().0, link);
            let asked = pair.run_until(is_asked, Duration::from_secs(25));
            pair.run_for(Duration::from_millis(seed * 10));
            let now = pair.now;
            pair.a.accept_certificate(now);
            let both = |p: &mut Ends| is_connected(&p.a) && is_connected(&p.b);
            let through = asked && pair.run_until(both, Duration::from_secs(25));
            let late =
                |end: &Connection| matches!(end.close_reason(), Some(CloseReason::Timeout { .. }));
            assert!(through || late(&pair.a) || late(&pair.b), "{versions:?} {seed}: {pair:?}");
        }
    }
}

#[test]
fn the_name_is_in_the_first_flight_if_there_is_one() {
    for (name, is_there) in [(Some("turn.test"), true), (None, false)] {
        let server_name = name.map(Into::into);
        let mut client = client(&Config { server_name, ..caller(Versions::Both) });
        let mut hello = Vec::new();
        while client.poll_transmit(Instant::ZERO, &mut hello).is_some() {}
        let extension = b"\0\0\0\x0e\0\x0c\0\0\x09turn.test";
        assert_eq!(hello.windows(extension.len()).any(|part| part == extension), is_there);
    }
}

#[test]
fn names_have_bounds() {
    for (name, len) in [(String::new(), 0), ("x".repeat(256), 256), ("tür.test".into(), 9)] {
        let config = Config { server_name: Some(name.into()), ..caller(Versions::Both) };
        let made = Connection::new(Instant::ZERO, &config, Role::Client, Vec::new(), {
            SeededRng::boxed(1)
        });
        assert_eq!(made.err(), Some(ConfigError::ServerName { len }));
    }
}

#[test]
fn fingerprints_do_not_count_where_the_caller_judges() {
    let [_, _, stranger] = certificates();
    let mut pair = pair(Versions::Both, chained().0, LinkConfig::default());
    let announced = vec![stranger.fingerprint(HashFunction::Sha256)];
    let config = caller(Versions::Both);
    let rng = SeededRng::boxed(1);
    pair.a = Connection::new(Instant::ZERO, &config, Role::Client, announced, rng).expect("valid");
    assert!(pair.run_until(is_asked, SOON));
    let now = pair.now;
    pair.a.accept_certificate(now);
    assert!(pair.run_until(|pair| is_connected(&pair.b), SOON));
    let record = sealed(&mut pair.a, b"hello");
    assert!(crate::support::opened(&mut pair.b, pair.now, &record)[0].is_ok());
}
