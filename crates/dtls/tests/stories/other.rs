//! Handshakes with another implementation: dimpl, in both roles and both versions.
#![expect(clippy::disallowed_types, reason = "the other library takes no other time")]

use std::sync::Arc;
use std::time::{Duration, Instant as StdInstant};

use dimpl::{Dtls, DtlsCertificate, Output};
use patchcord_dtls::{
    Certificate, Config, Connection, Event, HashFunction, ProtocolVersion, Role, Versions,
};
use sansio::{Instant, Machine};
use testkit::SeededRng;

use crate::support::{certificates, opened, sealed};

struct Other {
    dtls: Dtls,
    now: StdInstant,
    wire: Vec<Vec<u8>>,
    connected: bool,
    keys: Option<Vec<u8>>,
    received: Vec<Vec<u8>>,
    closed: bool,
}

impl Other {
    fn new(certificate: &Certificate, role: Role, version: ProtocolVersion, mtu: usize) -> Self {
        let provider = dimpl::crypto::rust_crypto::default_provider();
        let config = dimpl::Config::builder()
            .with_crypto_provider(provider)
            .use_server_cookie(true)
            .mtu(mtu)
            .build()
            .expect("valid");
        let certificate = DtlsCertificate {
            certificate: certificate.der().to_vec(),
            private_key: certificate.private_key_der().to_vec(),
        };
        let now = StdInstant::now();
        let new = match version {
            ProtocolVersion::Dtls12 => Dtls::new_12,
            ProtocolVersion::Dtls13 => Dtls::new_13,
        };
        let mut dtls = new(Arc::new(config), certificate, now);
        dtls.set_active(role == Role::Client);
        let (wire, received) = (Vec::new(), Vec::new());
        let mut other =
            Self { dtls, now, wire, connected: false, keys: None, received, closed: false };
        other.dtls.handle_timeout(now).expect("begun");
        other.poll();
        other
    }

    fn poll(&mut self) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(bytes) => self.wire.push(bytes.to_vec()),
                Output::Connected => self.connected = true,
                Output::KeyingMaterial(keys, _) => self.keys = Some(keys.to_vec()),
                Output::ApplicationData(bytes) => self.received.push(bytes.to_vec()),
                Output::CloseNotify => self.closed = true,
                Output::Timeout(_) => return,
                _ => {}
            }
        }
    }
}

/// Both say what they have to say until neither has more; time passes for the other one only.
fn carry(ours: &mut Connection, other: &mut Other) {
    let mut now = Instant::ZERO;
    for _ in 0..40 {
        let mut datagram = Vec::new();
        while ours.poll_transmit(now, &mut datagram).is_some() {
            other.dtls.handle_packet(&datagram).expect("taken");
            other.poll();
            datagram.clear();
        }
        for datagram in core::mem::take(&mut other.wire) {
            opened(ours, now, &datagram);
        }
        other.now += Duration::from_millis(30);
        now += Duration::from_millis(30);
        other.dtls.handle_timeout(other.now).expect("taken");
        other.poll();
        ours.handle_timeout(now);
    }
}

#[test]
fn connects_exports_and_exchanges() {
    let [own, theirs, _] = certificates();
    for version in [ProtocolVersion::Dtls12, ProtocolVersion::Dtls13] {
        for role in [Role::Client, Role::Server] {
            for mtu in [300, 1184] {
                let name = format!("{version} {role:?} {mtu}");
                let config =
                    Config { mtu, versions: Versions::Both, ..Config::new(Arc::clone(own)) };
                let expected = vec![theirs.fingerprint(HashFunction::Sha256)];
                let rng = SeededRng::boxed(1);
                let mut ours =
                    Connection::new(Instant::ZERO, &config, role, expected, rng).expect("valid");
                let mut other = Other::new(theirs, role.opposite(), version, mtu);
                carry(&mut ours, &mut other);
                let event = ours.poll_event();
                let connected = matches!(event, Some(Event::Connected { version: agreed, .. }) if agreed == version);
                assert!(connected && other.connected, "{name}: {event:?}");
                // Keys for SRTP.
                let keys = ours.keying_material().expect("exported");
                let written = [Role::Client, Role::Server].map(|role| keys.written_by(role));
                let ours_all: Vec<u8> =
                    [written[0].key, written[1].key, written[0].salt, written[1].salt].concat();
                assert_eq!(Some(&ours_all), other.keys.as_ref(), "{name}");
                // Data.
                let record = sealed(&mut ours, b"from us");
                other.dtls.handle_packet(&record).expect("taken");
                other.poll();
                assert_eq!(other.received, [b"from us"], "{name}");
                other.dtls.send_application_data(b"from them").expect("sent");
                other.poll();
                let mut got = Vec::new();
                for datagram in core::mem::take(&mut other.wire) {
                    got.extend(opened(&mut ours, Instant::ZERO, &datagram));
                }
                assert!(got.contains(&Ok(Some(b"from them".to_vec()))), "{name}: {got:?}");
                // Goodbye.
                ours.close(Instant::ZERO);
                carry(&mut ours, &mut other);
                assert!(other.closed, "{name}");
            }
        }
    }
}
