//! Cipher suites and signature schemes: which are agreed on, and that all of them work.

use std::sync::Arc;

use patchcord_dtls::{
    AeadAlgorithm, Alert, Certificate, CipherSuite, CloseReason, Config, ConfigError, Connection,
    HashFunction, ProtocolVersion, Role, SignatureScheme, Versions,
};
use sansio::Instant;
use testkit::{Altered, LinkConfig, Pair, SeededRng};

use crate::support::{Ends, certificates, config, connect, connection, exchange};

const VERSIONS: [Versions; 2] = [Versions::Dtls12, Versions::Dtls13];

fn pair_of(client: &Config, server: &Config) -> Ends {
    let client = connection(client, Role::Client, 1);
    let server = connection(server, Role::Server, 2);
    Pair::new(client, server, LinkConfig::default(), 1)
}

fn with_suites(role: Role, versions: Versions, suites: &[u16]) -> Config {
    let suites = suites.iter().map(|number| CipherSuite(*number)).collect();
    Config { cipher_suites: suites, ..config(role, versions) }
}

fn exported(end: &Connection) -> [u8; 40] {
    let mut out = [0; 40];
    end.export_keying_material("EXPERIMENTAL", Some(b"context"), &mut out).expect("connected");
    out
}

#[test]
fn every_suite_protects_a_connection() {
    let rsa = Certificate::from_pem(include_str!("../vectors/rsa2048.pem")).expect("read");
    let rsa = Arc::new(rsa);
    for suite in CipherSuite::ALL {
        let name = suite.to_string();
        let of_13 = name.starts_with("TLS_AES") || name.starts_with("TLS_CHACHA20");
        let versions = if of_13 { Versions::Dtls13 } else { Versions::Dtls12 };
        let mut server = config(Role::Server, versions);
        server.cipher_suites = Arc::new([suite]);
        let mut client = connection(&config(Role::Client, versions), Role::Client, 1);
        if name.contains("_RSA_") {
            server.certificate = Arc::clone(&rsa);
            let expected = vec![rsa.fingerprint(HashFunction::Sha256)];
            let (config, rng) = (config(Role::Client, versions), SeededRng::boxed(1));
            client = Connection::new(Instant::ZERO, &config, Role::Client, expected, rng)
                .expect("valid");
        }
        let server = connection(&server, Role::Server, 2);
        let mut pair = Pair::new(client, server, LinkConfig::default(), 1);
        assert!(connect(&mut pair), "{name}: {:?}", pair.a_events);
        assert_eq!([&pair.a, &pair.b].map(Connection::cipher_suite), [Some(suite); 2]);
        assert_eq!(exported(&pair.a), exported(&pair.b), "{name}");
        let srtp = [&pair.a, &pair.b].map(|end| {
            let keys = end.keying_material().expect("exported");
            keys.written_by(Role::Client).key.to_vec()
        });
        assert_eq!(srtp[0], srtp[1], "{name}");
        for _ in 0..3 {
            exchange(&mut pair);
            pair.a.update_keys(pair.now);
            pair.run_for(std::time::Duration::from_secs(1));
        }
    }
}

#[test]
fn the_server_decides_by_its_order() {
    for (versions, ours, agreed) in [
        (Versions::Dtls13, &[0x1303, 0x1301][..], 0x1303),
        (Versions::Dtls13, &[0xC02C, 0x1302], 0x1302),
        (Versions::Dtls12, &[0xCCA9, 0xC02B], 0xCCA9),
        // The server's key is not RSA.
        (Versions::Dtls12, &[0xC02F, 0xC02C], 0xC02C),
    ] {
        let server = with_suites(Role::Server, versions, ours);
        let mut pair = pair_of(&config(Role::Client, versions), &server);
        assert!(connect(&mut pair));
        assert_eq!(pair.a.cipher_suite(), Some(CipherSuite(agreed)));
    }
}

#[test]
fn without_a_common_suite_there_is_no_connection() {
    for (versions, client, server) in
        [(Versions::Dtls13, 0x1301, 0x1302), (Versions::Dtls12, 0xC02B, 0xC02C)]
    {
        let client = with_suites(Role::Client, versions, &[client]);
        let server = with_suites(Role::Server, versions, &[server]);
        let mut pair = pair_of(&client, &server);
        assert!(!connect(&mut pair));
        let reason = CloseReason::Fault(Alert::HANDSHAKE_FAILURE);
        assert_eq!(pair.b.close_reason(), Some(&reason));
    }
}

#[test]
fn what_the_cryptography_lacks_is_not_offered() {
    let crypto = Arc::new(Altered::default().with_aeads(&[AeadAlgorithm::Aes256Gcm]));
    for (versions, agreed) in VERSIONS.into_iter().zip([0xC02C, 0x1302]) {
        for role in [Role::Client, Role::Server] {
            let config_of = |of| match of == role {
                true => Config { crypto: crypto.clone(), ..config(of, versions) },
                false => config(of, versions),
            };
            let mut pair = pair_of(&config_of(Role::Client), &config_of(Role::Server));
            assert!(connect(&mut pair));
            assert_eq!(pair.a.cipher_suite(), Some(CipherSuite(agreed)), "{role:?}");
        }
    }
    // Certificates are signed for by ECDSA, which this one does not verify.
    let crypto =
        Arc::new(Altered::default().with_signature_schemes(&[SignatureScheme::RSA_PSS_SHA256]));
    for versions in VERSIONS {
        for role in [Role::Client, Role::Server] {
            let config_of = |of| match of == role {
                true => Config { crypto: crypto.clone(), ..config(of, versions) },
                false => config(of, versions),
            };
            let mut pair = pair_of(&config_of(Role::Client), &config_of(Role::Server));
            assert!(!connect(&mut pair));
            let refused = CloseReason::Fault(Alert::HANDSHAKE_FAILURE);
            let other = if role == Role::Client { &pair.b } else { &pair.a };
            assert_eq!(other.close_reason(), Some(&refused), "{versions:?} {role:?}");
        }
    }
}

#[test]
fn nothing_begins_without_a_suite_for_each_version_and_a_scheme() {
    let begun = |config: &Config| {
        let expected = vec![certificates()[1].fingerprint(HashFunction::Sha256)];
        let rng = SeededRng::boxed(1);
        Connection::new(Instant::ZERO, config, Role::Client, expected, rng).err()
    };
    let none_for = |version| Some(ConfigError::NoCipherSuite { version });
    use ProtocolVersion::{Dtls12, Dtls13};
    for (versions, suites, error) in [
        (Versions::Both, &[0x1301][..], none_for(Dtls12)),
        (Versions::Both, &[0xC02B], none_for(Dtls13)),
        (Versions::Dtls13, &[0x1301], None),
        (Versions::Dtls12, &[0xC02F], None),
        // One that nobody knows.
        (Versions::Dtls12, &[0x0005], none_for(Dtls12)),
    ] {
        assert_eq!(begun(&with_suites(Role::Client, versions, suites)), error, "{suites:04X?}");
    }
    let crypto = Altered::default().with_signature_schemes(&[SignatureScheme(0x0203)]);
    let config = Config { crypto: Arc::new(crypto), ..config(Role::Client, Versions::Both) };
    assert_eq!(begun(&config), Some(ConfigError::NoSignatureScheme));
}
