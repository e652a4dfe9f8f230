//! DTLS: what a handshake costs both ends together, what beginning one costs, and a record of 1200
//! bytes, sealed, and sealed and opened, beside what its AES-128-GCM alone takes.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use dtls::{Certificate, Config, Connection, HashFunction, Role, State, Versions};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sansio::{Instant, Machine, Rng};
use testkit::SeededRng;

const PLAINTEXT: usize = 1200;
const NOW: Instant = Instant::ZERO;

/// What two ends know before they meet.
struct Ends {
    client: Config,
    server: Config,
}

impl Ends {
    fn new(versions: Versions) -> Option<Self> {
        let config = || {
            let certificate = Arc::new(Certificate::generate().ok()?);
            Some(Config { versions, ..Config::new(certificate) })
        };
        Some(Self { client: config()?, server: config()? })
    }

    fn begin(&self, rng: &mut SeededRng) -> Option<[Connection; 2]> {
        let fingerprint = |config: &Config| config.certificate.fingerprint(HashFunction::Sha256);
        let mut end = |config, role, other| {
            Connection::new(NOW, config, role, vec![fingerprint(other)], rng.fork()).ok()
        };
        let client = end(&self.client, Role::Client, &self.server)?;
        let server = end(&self.server, Role::Server, &self.client)?;
        Some([client, server])
    }

    fn connect(&self, rng: &mut SeededRng) -> Option<[Connection; 2]> {
        let [mut client, mut server] = self.begin(rng)?;
        let mut wire = Vec::new();
        for _ in 0..8 {
            carry(&mut client, &mut server, &mut wire);
            carry(&mut server, &mut client, &mut wire);
        }
        let connected = [&client, &server].map(|end| end.state() == State::Connected);
        (connected == [true; 2]).then_some([client, server])
    }
}

/// Hands over all that one end has to send.
fn carry(from: &mut Connection, to: &mut Connection, wire: &mut Vec<u8>) {
    wire.clear();
    while from.poll_transmit(NOW, wire).is_some() {
        let mut rest = wire.as_mut_slice();
        while !rest.is_empty() {
            let _ = black_box(to.open(NOW, &mut rest));
        }
        wire.clear();
    }
}

fn seal(end: &mut Connection, buf: &mut Vec<u8>) -> bool {
    buf.clear();
    buf.resize(end.head_room() + PLAINTEXT, 0x5A);
    end.seal(buf, 0).is_ok()
}

fn open(end: &mut Connection, record: &mut [u8]) -> bool {
    let mut rest = record;
    matches!(end.open(NOW, &mut rest), Ok(Some(plaintext)) if plaintext.len() == PLAINTEXT)
}

fn of_version(criterion: &mut Criterion, name: &str, versions: Versions) {
    let Some(ends) = Ends::new(versions) else { return };
    let mut rng = SeededRng::new(1);
    let mut group = criterion.benchmark_group(format!("dtls {name}"));
    group.bench_function("begin", |bencher| bencher.iter(|| ends.begin(&mut rng).is_some()));
    group.bench_function("handshake", |bencher| {
        bencher.iter(|| assert!(ends.connect(&mut rng).is_some()));
    });
    let mut buf = Vec::with_capacity(2 * PLAINTEXT);
    if let Some([mut client, _]) = ends.connect(&mut rng) {
        group.bench_function("seal 1200", |bencher| {
            bencher.iter(|| assert!(seal(&mut client, &mut buf)));
        });
    }
    if let Some([mut client, mut server]) = ends.connect(&mut rng) {
        group.bench_function("seal and open 1200", |bencher| {
            bencher.iter(|| {
                assert!(seal(&mut client, &mut buf));
                assert!(open(&mut server, &mut buf));
            });
        });
    }
    group.finish();
}

/// The AEAD of a record, with nothing around it.
fn bare(criterion: &mut Criterion) {
    let Ok(key) = UnboundKey::new(&AES_128_GCM, &[1; 16]) else { return };
    let key = LessSafeKey::new(key);
    let mut buf = Vec::with_capacity(2 * PLAINTEXT);
    criterion.bench_function("bare AES-128-GCM, seal and open 1200", |bencher| {
        bencher.iter(|| {
            let (nonce, aad) = (|| Nonce::assume_unique_for_key([3; 12]), || Aad::from([0; 5]));
            buf.clear();
            buf.resize(PLAINTEXT, 0x5A);
            assert!(key.seal_in_place_append_tag(nonce(), aad(), &mut buf).is_ok());
            assert!(key.open_in_place(nonce(), aad(), black_box(&mut buf)).is_ok());
        });
    });
}

fn dtls(criterion: &mut Criterion) {
    bare(criterion);
    of_version(criterion, "1.2", Versions::Dtls12);
    of_version(criterion, "1.3", Versions::Dtls13);
    criterion.bench_function("certificate", |bencher| {
        bencher.iter(|| black_box(Certificate::generate().is_ok()));
    });
}

criterion_group!(benches, dtls);
criterion_main!(benches);
