//! STUN: an ICE check of 96 bytes, built, and parsed with all its checks; and the bare work, the
//! HMAC with its key kept and the CRC, over as many bytes.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use stun::attribute::{IceControlling, Priority, UseCandidate, Username};
use stun::{IntegrityKey, Message, MessageBuilder, Method, TransactionId};

const USERNAME: &str = "evtj:h6vY0123";
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBtab";
const PRIORITY: Priority = Priority(0x6e00_01ff);

fn build(key: &IntegrityKey, username: &Username<'_>, out: &mut Vec<u8>) {
    MessageBuilder::request(out, Method::BINDING, TransactionId::from([7; 12]))
        .attribute(username)
        .attribute(&IceControlling(0x932f_f9b1_5126_3b36))
        .attribute(&PRIORITY)
        .attribute(&UseCandidate)
        .integrity(key)
        .fingerprint();
}

/// Whether the request is good; all four attributes are read.
fn check(key: &IntegrityKey, bytes: &[u8]) -> bool {
    let Ok(message) = Message::parse(bytes) else { return false };
    message.check_fingerprint().is_ok()
        && message.check_integrity(key).is_ok()
        && message.get::<Username>().is_ok_and(|name| name.is_some_and(|n| n.as_str() == USERNAME))
        && message.get::<Priority>() == Ok(Some(PRIORITY))
        && message.get::<IceControlling>().is_ok_and(|role| role.is_some())
        && message.get::<UseCandidate>() == Ok(Some(UseCandidate))
}

fn stun(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stun");
    let (Ok(username), Ok(hmac)) =
        (Username::new(USERNAME), Hmac::<Sha1>::new_from_slice(PASSWORD.as_bytes()))
    else {
        unreachable!("a short name, and HMAC takes any key")
    };
    let key = IntegrityKey::short_term(PASSWORD);
    let mut request = Vec::new();
    build(&key, &username, &mut request);
    assert_eq!(request.len(), 96);

    group.bench_function("LIMIT hmac and crc", |b| {
        b.iter(|| {
            let mut hmac = hmac.clone();
            hmac.update(black_box(&request[..64]));
            (hmac.finalize().into_bytes(), crc32fast::hash(black_box(&request[..88])))
        });
    });
    group.bench_function("parse and verify", |b| {
        b.iter(|| assert!(check(&key, black_box(&request))));
    });
    group.bench_function("parse", |b| b.iter(|| Message::parse(black_box(&request)).is_ok()));
    let mut out = Vec::with_capacity(128);
    group.bench_function("build", |b| {
        b.iter(|| {
            out.clear();
            build(&key, black_box(&username), black_box(&mut out));
        });
    });
    group.finish();
}

criterion_group!(benches, stun);
criterion_main!(benches);
