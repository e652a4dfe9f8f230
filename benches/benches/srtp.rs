//! SRTP: packets of 1200 and of 100 bytes, and reports of 100, protected and unprotected, one stream
//! and ten in turns; and the bare work, which is in place and without a copy too.

use std::hint::black_box;

use aes::Aes128;
use aes::cipher::{InnerIvInit, StreamCipher};
use criterion::measurement::WallTime;
use criterion::{BatchSize, Bencher, BenchmarkGroup, Criterion, criterion_group, criterion_main};
use ctr::{Ctr128BE, CtrCore};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha1::Sha1;
use srtp::{Config, Inbound, Outbound, Profile};
use testkit::SeededRng;

const HEADER: usize = 12;
const PROFILES: [Profile; 3] =
    [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm, Profile::Aes128CmHmacSha1_80];
/// Packets that a receiver gets before a fresh one takes its place.
const BATCH: u16 = 256;

fn ends(profile: Profile) -> Option<(Outbound, Inbound)> {
    let (key, salt) = ([1; 32], [2; 14]);
    let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
    let mut rng = SeededRng::new(1);
    let outbound = Outbound::new(profile, key, salt, &mut rng).ok()?;
    Some((outbound, Inbound::new(profile, key, salt, Config::default(), &mut rng).ok()?))
}

fn packet(len: usize) -> Vec<u8> {
    let mut packet: Vec<u8> = (0..len).map(|i| i as u8).collect();
    packet[..HEADER].copy_from_slice(&[0x80, 96, 0, 0, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44]);
    packet
}

/// Its payload is encrypted again and again, which costs the same.
fn protect(bencher: &mut Bencher<'_>, profile: Profile, len: usize, streams: u8) {
    let Some((mut outbound, _)) = ends(profile) else { return };
    let (mut buf, mut n) = (packet(len), 0_u32);
    buf.reserve(32);
    bencher.iter(|| {
        buf[2..4].copy_from_slice(&((n / u32::from(streams)) as u16).to_be_bytes());
        buf[11] = (n % u32::from(streams)) as u8;
        n += 1;
        assert!(outbound.protect(black_box(&mut buf), 0).is_ok());
        buf.truncate(len);
    });
}

fn unprotect(bencher: &mut Bencher<'_>, profile: Profile, len: usize) {
    let make = || {
        let (mut outbound, inbound) = ends(profile)?;
        let packets = (0..BATCH).map(|n| {
            let mut buf = packet(len);
            buf[2..4].copy_from_slice(&n.to_be_bytes());
            outbound.protect(&mut buf, 0).ok().map(|()| buf)
        });
        Some((inbound, packets.collect::<Option<Vec<_>>>()?))
    };
    bencher.iter_batched_ref(
        make,
        |ends| {
            let Some((inbound, packets)) = ends else { return };
            for packet in packets {
                assert!(inbound.unprotect(black_box(packet)).is_ok());
            }
        },
        BatchSize::PerIteration,
    );
}

fn limits(group: &mut BenchmarkGroup<'_, WallTime>) {
    let mut buf = packet(1200);
    if let Ok(key) = UnboundKey::new(&AES_128_GCM, &[1; 16]) {
        let key = LessSafeKey::new(key);
        group.bench_function("LIMIT gcm 1200", |bencher| {
            bencher.iter(|| {
                let (header, payload) = black_box(&mut buf).split_at_mut(HEADER);
                let nonce = Nonce::assume_unique_for_key([1; 12]);
                key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload).is_ok()
            });
        });
    }
    if let Ok(hmac) = Hmac::<Sha1>::new_from_slice(&[1; 20]) {
        let key = Aes128::new(&[1; 16].into());
        group.bench_function("LIMIT cm and hmac 1200", |bencher| {
            bencher.iter(|| {
                let mut cipher = Ctr128BE::from_core(CtrCore::inner_iv_init(&key, &[2; 16].into()));
                cipher.apply_keystream(&mut black_box(&mut buf)[HEADER..]);
                let mut hmac = hmac.clone();
                hmac.update(&buf);
                hmac.update(&[0; 4]);
                hmac.finalize().into_bytes()
            });
        });
    }
}

fn srtp(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("srtp");
    limits(&mut group);
    for profile in PROFILES {
        for len in [1200, 100] {
            let name = format!("{profile} protect {len}");
            group.bench_function(name, |bencher| protect(bencher, profile, len, 1));
            let name = format!("{profile} unprotect {BATCH} of {len}");
            group.bench_function(name, |bencher| unprotect(bencher, profile, len));
        }
        let name = format!("{profile} protect 1200, ten streams");
        group.bench_function(name, |bencher| protect(bencher, profile, 1200, 10));
        let Some((mut outbound, _)) = ends(profile) else { continue };
        let mut buf = packet(100);
        group.bench_function(format!("{profile} protect report 100"), |bencher| {
            bencher.iter(|| {
                assert!(outbound.protect_rtcp(black_box(&mut buf), 0).is_ok());
                buf.truncate(100);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, srtp);
criterion_main!(benches);
