//! Properties of exchanges over a network that loses, reorders, duplicates and damages.
#![cfg(test)]

extern crate patchcord_srtp as srtp;

use std::collections::HashSet;

use proptest::prelude::*;
use srtp::{Config, Inbound, Outbound, Profile};
use testkit::SeededRng;

mod exercise;

#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Vanishes,
    /// This many packets later.
    Late(usize),
    Twice(usize),
    Damaged(usize),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Arrives),
        1 => Just(Fate::Vanishes),
        1 => (1..60_usize).prop_map(Fate::Late),
        1 => (1..2000_usize).prop_map(Fate::Twice),
        1 => any::<usize>().prop_map(Fate::Damaged),
    ]
}

fn profile() -> impl Strategy<Value = Profile> {
    prop_oneof![
        Just(Profile::AeadAes128Gcm),
        Just(Profile::AeadAes256Gcm),
        Just(Profile::Aes128CmHmacSha1_80),
        Just(Profile::Aes256CmHmacSha1_80),
    ]
}

/// What arrives, in the order in which it does: a packet's serial and its bytes.
fn network(packets: Vec<Vec<u8>>, fates: &[Fate]) -> Vec<(usize, Vec<u8>, bool)> {
    let mut arrivals = Vec::new();
    for (serial, (bytes, fate)) in packets.into_iter().zip(fates).enumerate() {
        match *fate {
            Fate::Arrives => arrivals.push((serial, serial, bytes, true)),
            Fate::Vanishes => {}
            Fate::Late(by) => arrivals.push((serial + by, serial, bytes, true)),
            Fate::Twice(by) => {
                arrivals.push((serial, serial, bytes.clone(), true));
                arrivals.push((serial + by, serial, bytes, true));
            }
            Fate::Damaged(bit) => {
                let mut bad = bytes;
                let bit = bit % (bad.len() * 8);
                bad[bit / 8] ^= 1 << (bit % 8);
                arrivals.push((serial, serial, bad, false));
            }
        }
    }
    arrivals.sort_by_key(|arrival| arrival.0);
    arrivals.into_iter().map(|(_, serial, bytes, good)| (serial, bytes, good)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each good packet is taken at its first arrival, no other ever; across rollovers.
    #[test]
    fn each_good_packet_is_taken_exactly_once(
        profile in profile(),
        start in 0_u16..0x8000,
        rollovers in 0_u32..2,
        fates in proptest::collection::vec(fate(), 1..1500),
    ) {
        let (key, salt) = ([3; 32], [4; 14]);
        let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
        let mut rng = SeededRng::new(1);
        let mut sender = Outbound::new(profile, key, salt, &mut rng).expect("valid");
        let config = Config { replay_window: 128, ..Config::default() };
        let mut receiver = Inbound::new(profile, key, salt, config, &mut rng).expect("valid");

        let plain = |n: u32| {
            let number = (n as u16).to_be_bytes();
            [&[0x80, 96, number[0], number[1], 0, 0, 0, 0, 0, 0, 0, 1], &n.to_be_bytes()[..]].concat()
        };
        // So that the story begins shortly before a rollover, or at the beginning.
        let first = u32::from(start);
        let begin = if rollovers == 0 { first } else { 0x1_0000 - 200 };
        for n in (first..begin).step_by(0x4000).chain([begin.saturating_sub(1).max(first)]) {
            let mut bytes = plain(n);
            if sender.protect(&mut bytes, 0).is_ok() {
                prop_assert!(receiver.unprotect(&mut bytes).is_ok());
            }
        }
        let begin = begin + 1;
        let packets: Vec<_> = (begin..).zip(&fates).map(|(n, _)| {
            let mut bytes = plain(n);
            sender.protect(&mut bytes, 0).expect("a new number");
            bytes
        }).collect();

        let mut taken = HashSet::new();
        for (serial, mut bytes, good) in network(packets, &fates) {
            let expected = good && !taken.contains(&serial);
            let opened = receiver.unprotect(&mut bytes).map(|packet| packet.to_vec());
            prop_assert_eq!(opened.is_ok(), expected, "{}", serial);
            if let Ok(packet) = opened {
                prop_assert_eq!(packet, plain(begin + serial as u32));
                taken.insert(serial);
            }
        }
    }

    #[test]
    fn any_bytes_are_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        exercise::exercise(&bytes);
    }
}
