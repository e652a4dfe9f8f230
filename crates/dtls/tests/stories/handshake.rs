//! How handshakes go, on good links and bad ones.

use std::time::Duration;

use patchcord_dtls::{
    CipherSuite, Event, NamedGroup, ProtocolVersion, Role, SrtpProfile, Versions,
};
use sansio::Instant;
use testkit::LinkConfig;

use crate::support::{connect, exchange, pair};

const BOTH: Versions = Versions::Both;
const V12: Versions = Versions::Dtls12;
const V13: Versions = Versions::Dtls13;

#[test]
fn ends_agree_on_the_newest_version_both_speak() {
    use ProtocolVersion::{Dtls12, Dtls13};
    for (client, server, agreed) in [
        (BOTH, BOTH, Dtls13),
        (BOTH, V13, Dtls13),
        (V13, BOTH, Dtls13),
        (V13, V13, Dtls13),
        (BOTH, V12, Dtls12),
        (V12, BOTH, Dtls12),
        (V12, V12, Dtls12),
    ] {
        let mut pair = pair([client, server], LinkConfig::default(), 1);
        assert!(connect(&mut pair), "{client:?} {server:?}");
        let (suite, of) = match agreed {
            Dtls12 => (CipherSuite(0xC02B), NamedGroup::X25519),
            Dtls13 => (CipherSuite(0x1301), NamedGroup::X25519_MLKEM768),
        };
        for events in [&pair.a_events, &pair.b_events] {
            let [Event::Connected { version, cipher_suite, group, srtp_profile }] = events[..]
            else {
                panic!("{events:?}")
            };
            assert_eq!((version, cipher_suite), (agreed, suite), "{client:?} {server:?}");
            assert_eq!(group, Some(of), "{client:?} {server:?}");
            assert_eq!(srtp_profile, Some(SrtpProfile::AeadAes128Gcm));
        }
        exchange(&mut pair);
    }
}

#[test]
fn takes_as_many_round_trips_as_the_rfc_says() {
    let one_way = Duration::from_millis(40);
    for (versions, client, server) in [
        // C ─ClientHello─► S ─ServerHello…Finished─► C ─Certificate…Finished─► S
        (V13, 80, 120),
        (BOTH, 80, 120),
        // C ─ClientHello─► S ─…ServerHelloDone─► C ─…Finished─► S ─Finished─► C
        (V12, 160, 120),
    ] {
        let mut pair = pair([versions; 2], LinkConfig::delayed(one_way), 1);
        let connected = |events: &[Event]| !events.is_empty();
        assert!(pair.run_until(|pair| connected(&pair.a_events), Duration::from_secs(1)));
        let at_client = pair.now;
        let mut pair = crate::support::pair([versions; 2], LinkConfig::delayed(one_way), 1);
        assert!(pair.run_until(|pair| connected(&pair.b_events), Duration::from_secs(1)));
        let expected = [client, server].map(Instant::from_millis);
        assert_eq!([at_client, pair.now], expected, "{versions:?}");
    }
}

#[test]
fn both_ends_export_the_same_keys() {
    for versions in [V12, V13] {
        let mut pair = pair([versions; 2], LinkConfig::default(), 1);
        assert!(connect(&mut pair));
        let (a, b) = (pair.a.keying_material(), pair.b.keying_material());
        let (a, b) = (a.expect("exported"), b.expect("exported"));
        for role in [Role::Client, Role::Server] {
            assert!(a.written_by(role) == b.written_by(role), "{versions:?}");
        }
        assert!(a.written_by(Role::Client) != a.written_by(Role::Server));
    }
}
