//! Secrets that leave a connection: exported, or logged.

use std::sync::{Arc, Mutex};

use patchcord_dtls::{Config, ExportError, KeyLog, Role, State, Versions};
use testkit::{LinkConfig, Pair};

use crate::support::{config, connect, connected, connection};

#[test]
fn exports_agree_and_depend_on_label_and_context() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let pair = connected(versions);
        let mut seen = Vec::new();
        for (label, context) in [
            ("EXPERIMENTAL one", None),
            ("EXPERIMENTAL two", None),
            ("EXPERIMENTAL one", Some(&b"context"[..])),
            ("EXPERIMENTAL one", Some(b"")),
        ] {
            let [one, other] = [&pair.a, &pair.b].map(|end| {
                let mut out = vec![0; 40];
                end.export_keying_material(label, context, &mut out).expect("connected");
                out
            });
            assert_eq!(one, other);
            seen.push(one);
        }
        let [a, b, c, d] = &seen[..] else { panic!("four") };
        assert!(a != b && a != c && b != c && c != d);
        // RFC 5705 §4: in DTLS 1.2 an empty context is one; RFC 8446 §7.5: in 1.3 it is none.
        assert_eq!(a == d, versions == Versions::Dtls13);
        let long = pair.a.export_keying_material("EXPERIMENTAL", None, &mut vec![0; 8161]);
        assert_eq!(long, Err(ExportError::TooLong { len: 8161, max: 8160 }));
    }
    let early = connection(&config(Role::Client, Versions::Both), Role::Client, 1);
    let refused = early.export_keying_material("EXPERIMENTAL", None, &mut [0; 8]);
    assert_eq!(refused, Err(ExportError::NotConnected(State::New)));
}

#[test]
fn what_srtp_gets_is_what_the_exporter_gives() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let pair = connected(versions);
        let keys = pair.a.keying_material().expect("connected");
        let mut out = [0; 56];
        let exported = pair.a.export_keying_material("EXTRACTOR-dtls_srtp", None, &mut out);
        assert_eq!(exported, Ok(()));
        assert_eq!(keys.written_by(Role::Client).key, &out[..16]);
        assert_eq!(keys.written_by(Role::Server).salt, &out[44..]);
    }
}

#[derive(Debug, Default)]
struct Lines(Mutex<Vec<String>>);

impl KeyLog for Lines {
    fn log(&self, line: &str) {
        self.0.lock().expect("no panic").push(line.to_owned());
    }
}

#[test]
fn a_key_log_has_the_lines_that_wireshark_reads() {
    for (versions, labels) in [
        (Versions::Dtls12, &["CLIENT_RANDOM"][..]),
        (
            Versions::Dtls13,
            &[
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "CLIENT_TRAFFIC_SECRET_0",
                "SERVER_TRAFFIC_SECRET_0",
                "EXPORTER_SECRET",
            ],
        ),
    ] {
        let logs = [Arc::new(Lines::default()), Arc::new(Lines::default())];
        let end = |role, log: &Arc<Lines>| {
            let key_log: Option<Arc<dyn KeyLog>> = Some(Arc::clone(log) as _);
            connection(&Config { key_log, ..config(role, versions) }, role, 1)
        };
        let [client, server] = [end(Role::Client, &logs[0]), end(Role::Server, &logs[1])];
        let mut pair = Pair::new(client, server, LinkConfig::default(), 1);
        assert!(connect(&mut pair));
        let [one, other] = logs.map(|log| log.0.lock().expect("no panic").clone());
        assert_eq!(one, other);
        let found: Vec<_> = one.iter().map(|line| line.split(' ').collect::<Vec<_>>()).collect();
        assert_eq!(found.iter().map(|words| words[0]).collect::<Vec<_>>(), labels);
        let secret = if versions == Versions::Dtls12 { 96 } else { 64 };
        assert!(found.iter().all(|words| words[1].len() == 64 && words[2].len() == secret));
    }
}
