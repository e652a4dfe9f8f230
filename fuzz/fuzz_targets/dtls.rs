//! A client and a server, before, during and after their handshake, fed whatever bytes come,
//! between what they have to say to each other. Nothing may panic; what was established stays; no
//! byte comes out that was not sealed by the other end; after a drain the next timer lies ahead.

#![no_main]

use core::time::Duration;
use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use dtls::{
    Alert, Certificate, ClientAuthentication, Config, Connection, Event, HashFunction, Role,
    ServerAuthentication, State, Versions,
};
use libfuzzer_sys::fuzz_target;
use sansio::{Instant, Machine};
use testkit::SeededRng;

#[derive(Arbitrary, Debug)]
struct Story<'a> {
    versions: [u8; 2],
    mtu: u8,
    cookies: bool,
    /// Whether the server does not ask who its client is.
    open: bool,
    /// Whether the server may speak before it knows its client.
    early: bool,
    /// Which application protocols each end has.
    protocols: [bool; 2],
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// A datagram, to the client or the server.
    Inject(bool, &'a [u8]),
    /// A record with a good header around it.
    InjectRecord {
        to_client: bool,
        kind: u8,
        epoch: u8,
        sequence: u8,
        body: &'a [u8],
    },
    /// What one end has to say next, with bytes changed on the way, or twice, or never.
    Carry {
        from_client: bool,
        fate: Fate,
    },
    /// Milliseconds.
    Wait(u16),
    /// Application data.
    Send(bool, u8),
    /// New keys.
    Update(bool),
    /// Another size of datagrams.
    Mtu(bool, u16),
    Close(bool),
}

#[derive(Arbitrary, Debug, PartialEq)]
enum Fate {
    Arrives,
    Vanishes,
    ArrivesTwice,
    Damaged { at: u16, mask: u8 },
}

static CERTIFICATES: LazyLock<[Arc<Certificate>; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Arc::new(Certificate::generate().expect("made"))));

const PLAINTEXT: &[u8] = b"sealed by the other end";

fn end(role: Role, versions: u8, story: &Story<'_>) -> Connection {
    let [client, server] = &*CERTIFICATES;
    let (own, other) = if role == Role::Client { (client, server) } else { (server, client) };
    let versions = [Versions::Both, Versions::Dtls12, Versions::Dtls13][usize::from(versions % 3)];
    // The upper half of the numbers is for clients that ask their caller.
    let server_authentication = match story.versions[0] {
        128.. => ServerAuthentication::Caller,
        _ => ServerAuthentication::Fingerprint,
    };
    let client_authentication = if story.open {
        ClientAuthentication::NotRequested
    } else {
        ClientAuthentication::Required
    };
    let speaks = story.protocols[usize::from(role == Role::Server)];
    let names: &[&[u8]] = if speaks { &[b"webrtc", b"c-webrtc"] } else { &[] };
    let config = Config {
        versions,
        mtu: 256 + usize::from(story.mtu) * 5,
        cookies: story.cookies,
        client_authentication,
        server_authentication,
        server_name: speaks.then(|| "turn.test".into()),
        early_server_data: story.early,
        application_protocols: names.iter().map(|name| (*name).into()).collect(),
        ..Config::new(Arc::clone(own))
    };
    let expected = vec![other.fingerprint(HashFunction::Sha256)];
    Connection::new(Instant::ZERO, &config, role, expected, SeededRng::boxed(1)).expect("valid")
}

/// Opens all of a datagram and checks what comes out.
fn open(connection: &mut Connection, now: Instant, datagram: &mut [u8]) {
    let mut rest = datagram;
    while !rest.is_empty() {
        let (before, connected) = (rest.len(), connection.state() == State::Connected);
        if let Ok(Some(plaintext)) = connection.open(now, &mut rest) {
            assert!(connected && PLAINTEXT.starts_with(plaintext));
        }
        assert!(rest.len() < before, "no progress");
    }
    while let Some(plaintext) = connection.poll_data() {
        assert!(PLAINTEXT.starts_with(&plaintext));
    }
    while let Some(event) = connection.poll_event() {
        if event == Event::CertificatePresented {
            let shown: Vec<_> = connection.presented_certificates().collect();
            if shown == [CERTIFICATES[1].der()] {
                connection.accept_certificate(now);
            } else {
                connection.refuse_certificate(Alert::BAD_CERTIFICATE);
            }
        }
    }
}

fuzz_target!(|story: Story<'_>| {
    let [a, b] = story.versions;
    let end = |role, versions| end(role, versions, &story);
    let mut ends = [end(Role::Client, a), end(Role::Server, b)];
    let mut now = Instant::ZERO;
    let mut buf = Vec::new();
    for step in story.steps.iter().take(64) {
        match step {
            Step::Inject(to_client, bytes) => {
                let end = &mut ends[usize::from(!to_client)];
                let connected = end.state() == State::Connected;
                open(end, now, &mut bytes.to_vec());
                assert!(!connected || end.state() == State::Connected);
            }
            Step::InjectRecord { to_client, kind, epoch, sequence, body } => {
                let mut record =
                    vec![20 + kind % 7, 0xFE, 0xFD, 0, *epoch, 0, 0, 0, 0, 0, *sequence];
                record.extend_from_slice(&u16::try_from(body.len()).unwrap_or(0).to_be_bytes());
                record.extend_from_slice(body);
                let end = &mut ends[usize::from(!to_client)];
                let connected = end.state() == State::Connected;
                open(end, now, &mut record);
                assert!(!connected || end.state() == State::Connected);
            }
            Step::Carry { from_client, fate } => {
                buf.clear();
                let [client, server] = &mut ends;
                let (from, to) = if *from_client { (client, server) } else { (server, client) };
                if from.poll_transmit(now, &mut buf).is_none() {
                    assert!(from.poll_timeout().is_none_or(|at| at > now));
                    continue;
                }
                if let Fate::Damaged { at, mask } = fate {
                    let at = usize::from(*at) % buf.len();
                    buf[at] ^= mask;
                }
                let times = match fate {
                    Fate::Vanishes => 0,
                    Fate::ArrivesTwice => 2,
                    _ => 1,
                };
                for _ in 0..times {
                    open(to, now, &mut buf.clone());
                }
            }
            Step::Wait(millis) => {
                now += Duration::from_millis(u64::from(*millis));
                ends.iter_mut().for_each(|end| end.handle_timeout(now));
            }
            Step::Send(from_client, len) => {
                let [client, server] = &mut ends;
                let (from, to) = if *from_client { (client, server) } else { (server, client) };
                buf.clear();
                buf.resize(from.head_room(), 0);
                buf.extend_from_slice(&PLAINTEXT[..usize::from(*len) % PLAINTEXT.len()]);
                if from.seal(&mut buf, 0).is_ok() {
                    open(to, now, &mut buf);
                }
            }
            Step::Mtu(client, mtu) => {
                let _ = ends[usize::from(!client)].set_mtu(usize::from(*mtu));
            }
            Step::Update(client) => ends[usize::from(!client)].update_keys(now),
            Step::Close(client) => ends[usize::from(!client)].close(now),
        }
    }
});
