//! Our contender.

use std::hint::black_box;
use std::sync::Arc;

use dtls::{Certificate, Config, Connection, HashFunction, Role, State, Versions};
use sansio::{Instant, Machine};

use super::{Dtls, RECORD, handshake, settle};
use crate::rng::ThreadRng;

pub(super) struct Ours {
    connection: Connection,
    /// Sealed records.
    records: Vec<Vec<u8>>,
    received: usize,
}

/// With its defaults, among which is X25519MLKEM768 for DTLS 1.3, and X25519 for 1.2.
pub(super) fn maker(versions: Versions) -> impl Fn() -> (Ours, Ours) + Clone {
    let configs = [0; 2].map(|_| {
        let certificate = Arc::new(Certificate::generate().unwrap());
        Config { versions, ..Config::new(certificate) }
    });
    move || {
        let [client, server] = &configs;
        let end = |config: &Config, other: &Config, role| {
            let fingerprints = vec![other.certificate.fingerprint(HashFunction::Sha256)];
            let (now, rng) = (Instant::ZERO, Box::new(ThreadRng));
            let connection = Connection::new(now, config, role, fingerprints, rng).unwrap();
            Ours { connection, records: Vec::new(), received: 0 }
        };
        (end(client, server, Role::Client), end(server, client, Role::Server))
    }
}

/// Seals a record and opens it, in the buffer in which it is made.
pub(super) fn in_place(versions: Versions) -> impl FnMut() {
    let mut ends = <[Ours; 2]>::from(maker(versions)());
    handshake(&mut ends);
    settle(&mut ends);
    let (mut record, data) = (Vec::new(), vec![0x5a; RECORD]);
    move || {
        let [client, server] = ends.each_mut().map(|end| &mut end.connection);
        record.clear();
        record.resize(client.head_room(), 0);
        record.extend_from_slice(black_box(&data));
        client.seal(&mut record, 0).unwrap();
        let mut rest = black_box(record.as_mut_slice());
        let opened = server.open(Instant::ZERO, &mut rest).unwrap();
        assert_eq!(black_box(opened).map(|data| data.len()), Some(RECORD));
    }
}

impl Dtls for Ours {
    type Datagram = Vec<u8>;

    fn input(&mut self, mut datagram: Vec<u8>) {
        let mut rest = datagram.as_mut_slice();
        while !rest.is_empty() {
            if let Some(data) = self.connection.open(Instant::ZERO, &mut rest).unwrap() {
                self.received += data.len();
            }
        }
    }

    fn output(&mut self, wire: &mut Vec<Vec<u8>>) {
        let mut datagram = Vec::new();
        while self.connection.poll_transmit(Instant::ZERO, &mut datagram).is_some() {
            wire.push(std::mem::take(&mut datagram));
        }
        wire.append(&mut self.records);
    }

    fn connected(&self) -> bool {
        self.connection.state() == State::Connected
    }

    fn send(&mut self, data: &[u8]) {
        let head = self.connection.head_room();
        let mut record = Vec::with_capacity(data.len() + self.connection.overhead());
        record.resize(head, 0);
        record.extend_from_slice(data);
        self.connection.seal(&mut record, 0).unwrap();
        self.records.push(record);
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }
}
