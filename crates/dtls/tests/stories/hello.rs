//! ClientHellos as browsers send them: long, in fragments, full of things we do not know.

use std::time::Duration;

use patchcord_dtls::{Connection, Discard, ProtocolVersion, Role, State, Versions};
use sansio::{Instant, Machine};
use testkit::LinkConfig;

use crate::support::{config, connect, connected, connection, exchange, opened, pair};

/// The records of a ClientHello with this body, cut at these places.
fn records(body: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let u24 = |n: usize| u32::try_from(n).expect("short").to_be_bytes()[1..].to_vec();
    let mut edges = vec![0];
    edges.extend(cuts.iter().copied().filter(|cut| *cut < body.len()));
    edges.push(body.len());
    let fragment = |(i, edge): (usize, &[usize])| {
        let part = &body[edge[0]..edge[1]];
        let length = u16::try_from(12 + part.len()).expect("short").to_be_bytes();
        let record = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, u8::try_from(i).expect("few")];
        let message =
            [vec![1], u24(body.len()), vec![0, 0], u24(edge[0]), u24(part.len())].concat();
        [&record, &length[..], &message, part].concat()
    };
    edges.windows(2).enumerate().map(fragment).collect()
}

/// What a server answers: the kinds of its records and the first handshake message.
#[derive(Debug, PartialEq)]
struct Answer {
    kinds: Vec<u8>,
    message: u8,
    hello: Vec<u8>,
}

fn answer(server: &mut Connection) -> Option<Answer> {
    let mut sent = Vec::new();
    let transmit = server.poll_transmit(Instant::ZERO, &mut sent)?;
    let mut rest = &sent[..transmit.len];
    let (message, hello) = (rest[13], rest[25..].to_vec());
    let mut kinds = Vec::new();
    while let Some(&kind) = rest.first() {
        kinds.push(kind);
        let (header, at) = if kind < 32 { (13, 11) } else { (5, 3) };
        let body = usize::from(u16::from_be_bytes([rest[at], rest[at + 1]]));
        rest = &rest[header + body..];
    }
    Some(Answer { kinds, message, hello })
}

fn server(versions: Versions) -> Connection {
    connection(&config(Role::Server, versions), Role::Server, 1)
}

const SERVER_HELLO: u8 = 2;

/// A server that gets these records begins a handshake and does not complain.
fn check_answered(name: &str, records: &[Vec<u8>]) -> Answer {
    let mut server = server(Versions::Both);
    for record in records {
        for outcome in opened(&mut server, Instant::ZERO, record) {
            assert_eq!(outcome, Ok(None), "{name}");
        }
    }
    assert_eq!(server.state(), State::Connecting, "{name}: {:?}", server.close_reason());
    let answer = answer(&mut server).unwrap_or_else(|| panic!("{name}: no answer"));
    assert_eq!((answer.kinds[0], answer.message), (22, SERVER_HELLO), "{name}");
    assert!(!answer.kinds.contains(&21), "{name}: an alert");
    answer
}

fn negotiated(hello: &[u8]) -> ProtocolVersion {
    // supported_versions with DTLS 1.3, RFC 8446 §4.2.1.
    let is_13 = hello.windows(6).any(|bytes| bytes == [0, 43, 0, 2, 0xFE, 0xFC]);
    if is_13 { ProtocolVersion::Dtls13 } else { ProtocolVersion::Dtls12 }
}

/// The shape that Chromium and Firefox send: GREASE, X25519MLKEM768 before X25519, extensions we
/// do not know, longer than a datagram.
fn post_quantum_hello() -> Vec<u8> {
    let mut x25519 = [9; 32];
    // The base point: any other point would do.
    x25519[..].fill(0);
    x25519[0] = 9;
    let vector = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
        [&length[..], bytes].concat()
    };
    let numbers = |numbers: &[u16]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        vector(&bytes)
    };
    let share = |group: u16, key: &[u8]| [&group.to_be_bytes()[..], &vector(key)].concat();
    let shares = [share(0x2A2A, &[0]), share(0x11EC, &[5; 1216]), share(0x001D, &x25519)].concat();
    let extensions: [(u16, Vec<u8>); 11] = [
        (0x5A5A, vec![]),
        (51, vector(&shares)),
        (10, numbers(&[0x2A2A, 0x11EC, 0x001D, 0x0017, 0x0018])),
        (43, [&[6][..], &[0x7A, 0x7A, 0xFE, 0xFC, 0xFE, 0xFD]].concat()),
        (13, numbers(&[0x0403, 0x0804, 0x0401, 0x0503])),
        (14, [numbers(&[0x0001, 0x0008, 0x0007]), vec![0]].concat()),
        (23, vec![]),
        (11, vec![1, 0]),
        (0xFF01, vec![0]),
        // A connection id (RFC 9146 §3).
        (54, vec![4, 1, 2, 3, 4]),
        (0xBABA, vec![0]),
    ];
    let extensions: Vec<u8> = extensions
        .iter()
        .flat_map(|(number, body)| [&number.to_be_bytes()[..], &vector(body)].concat())
        .collect();
    let suites = numbers(&[0x3A3A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F]);
    let random = [7; 32];
    let body = [&[0xFE, 0xFD][..], &random, &[0, 0], &suites, &[1, 0], &vector(&extensions)];
    body.concat()
}

#[test]
fn a_post_quantum_hello_over_two_datagrams_is_answered() {
    let body = post_quantum_hello();
    assert!(body.len() > 1300);
    let whole = records(&body, &[]);
    let two = records(&body, &[1100]);
    let swapped: Vec<_> = two.iter().rev().cloned().collect();
    let twice: Vec<_> = [&two[..], &two].concat();
    let many = records(&body, &[100, 200, 300, 1000, 1001]);
    for (name, records) in
        [("whole", whole), ("two", two), ("swapped", swapped), ("twice", twice), ("many", many)]
    {
        let answer = check_answered(name, &records);
        assert_eq!(negotiated(&answer.hello), ProtocolVersion::Dtls13, "{name}");
    }
}

#[test]
fn the_version_waits_for_the_last_fragment() {
    let body = post_quantum_hello();
    let [first, second] = &records(&body, &[40])[..] else { panic!("two") };
    for alone in [first, second] {
        let mut server = server(Versions::Both);
        opened(&mut server, Instant::ZERO, alone);
        assert_eq!(answer(&mut server), None);
        assert_eq!(server.close_reason(), None);
    }
}

#[test]
fn handshakes_complete_with_hellos_cut_on_the_way() {
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        for backwards in [false, true] {
            let mut pair = pair([versions; 2], LinkConfig::default(), 1);
            let (mut body, mut sent) = (Vec::new(), Vec::new());
            while pair.a.poll_transmit(pair.now, &mut sent).is_some() {
                body.extend_from_slice(&sent[25..]);
                sent.clear();
            }
            let mut pieces = records(&body, &[50, 90]);
            if backwards {
                pieces.reverse();
            }
            for piece in pieces {
                assert_eq!(opened(&mut pair.b, pair.now, &piece), [Ok(None)]);
            }
            assert!(connect(&mut pair), "{versions:?}");
            exchange(&mut pair);
        }
    }
}

/// ClientHellos of Chrome 124-126 and Firefox 125-127, and captures of today's, if the corpus is
/// there.
#[test]
fn browsers_are_answered() {
    let Some(corpus) = std::env::var_os("PATCHCORD_CORPUS").map(std::path::PathBuf::from) else {
        println!("skipped: PATCHCORD_CORPUS is not set");
        return;
    };
    let bodies = corpus.join("dtls/covertDTLS-captures/client_hello_bodies.json");
    let text = std::fs::read_to_string(bodies).expect("in the corpus");
    // {"name": "hex", …}
    let strings: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    let mut seen = 0;
    for named in strings.chunks_exact(2) {
        let (name, hex) = (named[0], named[1]);
        let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex");
        let body: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        for cuts in [&[][..], &[60], &[60, 61, 100]] {
            let answer = check_answered(name, &records(&body, cuts));
            let offers = body.windows(2).any(|bytes| bytes == [0xFE, 0xFC]);
            assert_eq!(negotiated(&answer.hello) == ProtocolVersion::Dtls13, offers, "{name}");
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
    for (capture, hellos) in [("chromium-default", 2), ("firefox", 2), ("aiortc", 1)] {
        let path = corpus.join(format!("../peers/pcap/{capture}.pcap"));
        let Ok(pcap) = std::fs::read(&path) else {
            println!("skipped: no {}", path.display());
            continue;
        };
        let datagrams = client_hello_datagrams(&pcap);
        assert_eq!(datagrams.len(), hellos, "{capture}");
        check_answered(capture, &datagrams);
    }
}

/// The UDP payloads of an Ethernet capture that begin with a ClientHello.
fn client_hello_datagrams(pcap: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &pcap[24..];
    let mut found = Vec::new();
    while let Some((header, after)) = rest.split_at_checked(16) {
        let len = u32::from_le_bytes(header[8..12].try_into().expect("four"));
        let (frame, after) = after.split_at(usize::try_from(len).expect("fits"));
        rest = after;
        let ip = &frame[14..];
        let udp = if ip[0] >> 4 == 4 { usize::from(ip[0] & 15) * 4 } else { 40 };
        let payload = ip.get(udp + 8..).unwrap_or_default();
        if payload.first() == Some(&22) && payload.get(13) == Some(&1) {
            found.push(payload.to_vec());
        }
    }
    found
}

#[test]
fn a_hello_within_a_connection_is_no_new_beginning() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let mut pair = connected(versions);
        for record in records(&post_quantum_hello(), &[1100]) {
            opened(&mut pair.b, pair.now, &record);
            opened(&mut pair.a, pair.now, &record);
        }
        pair.run_for(Duration::from_secs(10));
        exchange(&mut pair);
    }
}

#[test]
fn a_connection_id_is_refused_politely() {
    // RFC 9146 §3: who does not answer the extension has refused it.
    let mut server = server(Versions::Dtls12);
    for record in records(&post_quantum_hello(), &[]) {
        assert_eq!(opened(&mut server, Instant::ZERO, &record), [Ok(None)]);
    }
    let answer = answer(&mut server).expect("an answer");
    assert_eq!(answer.message, SERVER_HELLO);
    assert!(!answer.hello.windows(4).any(|bytes| bytes == [0, 54, 0, 5]));
    // Records with one are not ours: tls12_cid, and the bit of DTLS 1.3.
    let mut pair = connected(Versions::Both);
    for first in [25, 0x3F] {
        let mut record = vec![0xFD; 40];
        record[0] = first;
        let outcome = opened(&mut pair.a, pair.now, &record);
        assert_eq!(outcome, [Err(Discard::NotDtls { first })]);
    }
    exchange(&mut pair);
}
