//! A session of Firefox with itself, read with the secrets that it has logged.

use crate::flight::Inbox;
use crate::record::{Opened, Records};
use crate::schedule::{Secret, thirteen};
use crate::wire::message::{
    Certificate13, CertificateRequest13, CertificateVerify, ClientHello, EncryptedExtensions,
    ServerHello,
};
use crate::wire::{ContentType, Fragment, MessageKind, Reader, RecordHeader, extension};
use crate::{Crypto, Discard, HashFunction, NamedGroup, Ring, Role};

type Endpoint = (Vec<u8>, u16);

/// UDP payloads of an Ethernet capture, with who sent them.
fn datagrams(pcap: &[u8]) -> Vec<(Endpoint, Vec<u8>)> {
    let mut rest = &pcap[24..];
    let mut found = Vec::new();
    while let Some((header, after)) = rest.split_at_checked(16) {
        let len = u32::from_le_bytes(header[8..12].try_into().expect("four"));
        let (frame, after) = after.split_at(usize::try_from(len).expect("fits"));
        rest = after;
        let ip = &frame[14..];
        let (from, udp) = match ip[0] >> 4 {
            4 => (ip[12..16].to_vec(), usize::from(ip[0] & 15) * 4),
            _ => (ip[8..24].to_vec(), 40),
        };
        let Some(payload) = ip.get(udp + 8..) else { continue };
        if payload.first().is_some_and(|first| (20..64).contains(first)) {
            let port = u16::from_be_bytes([ip[udp], ip[udp + 1]]);
            found.push(((from, port), payload.to_vec()));
        }
    }
    found
}

fn secret(keys: &str, label: &str) -> Secret {
    let line = keys.lines().find(|line| line.starts_with(label)).expect("logged");
    let hex = line.rsplit(' ').next().expect("a secret");
    let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex");
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    Secret::new(bytes.len(), |out| out.copy_from_slice(&bytes))
}

/// One side of the session, as a reader of what it sends.
struct Side {
    records: Records,
    inbox: Inbox,
    messages: Vec<(MessageKind, Vec<u8>)>,
    data: usize,
    rejected: usize,
}

impl Side {
    fn new() -> Self {
        let (records, inbox) = (Records::default(), Inbox::new(1 << 16));
        Self { records, inbox, messages: Vec::new(), data: 0, rejected: 0 }
    }

    fn read(&mut self, datagram: &[u8]) {
        let mut datagram = datagram.to_vec();
        let mut rest = &mut datagram[..];
        while let Ok(header) = RecordHeader::parse(rest) {
            let (record, after) = rest.split_at_mut(header.len);
            rest = after;
            match self.records.open(header, record) {
                Ok(Opened { kind, number, start, len }) => {
                    let content = &record[start..start + len];
                    match kind {
                        ContentType::Handshake => self.fragments(number.epoch, content),
                        ContentType::ApplicationData => self.data += 1,
                        _ => {}
                    }
                }
                Err(discard) => {
                    assert_eq!(discard, Discard::Rejected);
                    self.rejected += 1;
                }
            }
        }
    }

    fn fragments(&mut self, epoch: u64, content: &[u8]) {
        let mut reader = Reader::new(content);
        while !reader.is_empty() {
            let fragment = Fragment::parse(&mut reader).expect("a fragment");
            self.inbox.insert(epoch, &fragment);
        }
        while let Some(message) = self.inbox.pop() {
            self.messages.push((message.kind, message.body));
        }
    }
}

#[test]
fn a_session_of_firefox_is_read_with_its_key_log() {
    let Some(corpus) = std::env::var_os("PATCHCORD_CORPUS").map(std::path::PathBuf::from) else {
        println!("skipped: PATCHCORD_CORPUS is not set");
        return;
    };
    let path = corpus.join("../peers/pcap/firefox.pcap");
    let (Ok(pcap), Ok(keys)) =
        (std::fs::read(&path), std::fs::read_to_string(path.with_extension("keys")))
    else {
        println!("skipped: no {}", path.display());
        return;
    };
    let datagrams = datagrams(&pcap);
    let is_hello = |payload: &[u8]| payload[0] == 22 && payload[13] == 1;
    let client = datagrams.iter().find(|(_, payload)| is_hello(payload)).expect("one").0.clone();
    let (mut theirs, mut ours) = (Side::new(), Side::new());
    // Hellos come first, unprotected.
    for (from, payload) in &datagrams {
        if *from == client { theirs.read(payload) } else { ours.read(payload) }
    }
    let (kind, hello) = &theirs.messages[0];
    assert_eq!(*kind, MessageKind::CLIENT_HELLO);
    ClientHello::parse(hello).expect("valid");
    let server_hello = ServerHello::parse(&ours.messages[0].1).expect("valid");
    let share = server_hello.extensions.find(extension::KEY_SHARE).expect("1.3");
    let share = extension::KeyShareEntry::parse(share).expect("valid");
    assert_eq!((share.group, share.share.len()), (NamedGroup::X25519_MLKEM768, 1120));
    let suite = server_hello.suite;
    let traffic = ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"];
    let traffic = traffic.map(|label| secret(&keys, label));
    let application = ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"];
    let application = application.map(|label| secret(&keys, label));
    // Once more, with keys; replays of the first pass are none, because nothing was protected.
    for (i, side) in [&mut theirs, &mut ours].into_iter().enumerate() {
        let keys = |secret| thirteen::keys(&Ring, suite, secret).expect("made");
        side.records.add_read(2, keys(&traffic[i]));
        side.records.add_read(3, keys(&application[i]));
        side.rejected = 0;
        side.inbox.expect_epoch(2);
    }
    for (from, payload) in &datagrams {
        if *from == client { theirs.read(payload) } else { ours.read(payload) }
    }
    assert_eq!((theirs.rejected, ours.rejected), (0, 0));
    assert!(theirs.data > 5 && ours.data > 5, "{} {}", theirs.data, ours.data);
    check_messages(&theirs, &ours, suite.hash(), traffic, suite);
}

/// All messages can be read, and both Finished say what the transcript says.
fn check_messages(
    client: &Side,
    server: &Side,
    hash: HashFunction,
    [client_secret, server_secret]: [Secret; 2],
    suite: crate::CipherSuite,
) {
    let kinds = |side: &Side| side.messages.iter().map(|one| one.0).collect::<Vec<_>>();
    use MessageKind as M;
    assert_eq!(
        kinds(server)[..6],
        [
            M::SERVER_HELLO,
            M::ENCRYPTED_EXTENSIONS,
            M::CERTIFICATE_REQUEST,
            M::CERTIFICATE,
            M::CERTIFICATE_VERIFY,
            M::FINISHED
        ]
    );
    let expected = [M::CLIENT_HELLO, M::CERTIFICATE, M::CERTIFICATE_VERIFY, M::FINISHED];
    assert_eq!(kinds(client)[..4], expected);
    EncryptedExtensions::parse(&server.messages[1].1).expect("valid");
    CertificateRequest13::parse(&server.messages[2].1).expect("valid");
    for (certificate, verify) in
        [(&server.messages[3], &server.messages[4]), (&client.messages[1], &client.messages[2])]
    {
        assert!(Certificate13::parse(&certificate.1).expect("valid").chain.len() == 1);
        CertificateVerify::parse(&verify.1).expect("valid");
    }
    let traffic = thirteen::Traffic { client: client_secret, server: server_secret };
    let schedule = thirteen::Handshake::of_traffic(suite, traffic);
    let mut hasher = Ring.hasher(hash);
    let mut add = |(kind, body): &(MessageKind, Vec<u8>)| {
        let current = Secret::new(hash.digest_len(), |out| hasher.current(out));
        let [.., a, b, c] = u32::try_from(body.len()).expect("short").to_be_bytes();
        hasher.update(&[kind.0, a, b, c]);
        hasher.update(body);
        current
    };
    add(&client.messages[0]);
    server.messages[..5].iter().for_each(|message| _ = add(message));
    let before = add(&server.messages[5]);
    let data = schedule.verify_data(&Ring, Role::Server, before.as_bytes());
    assert!(data.matches(&server.messages[5].1), "the server's Finished");
    client.messages[1..3].iter().for_each(|message| _ = add(message));
    let before = add(&client.messages[3]);
    let data = schedule.verify_data(&Ring, Role::Client, before.as_bytes());
    assert!(data.matches(&client.messages[3].1), "the client's Finished");
}
