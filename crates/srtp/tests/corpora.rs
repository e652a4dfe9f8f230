//! Replays inputs that others collected: the fuzzer's corpus, and packets of other stacks.
#![cfg(test)]

extern crate patchcord_srtp as srtp;

use std::fs;
use std::path::Path;

use serde_json::Value;
use srtp::{Config, Inbound, Outbound, Profile};
use testkit::SeededRng;

mod exercise;
mod vectors;

use exercise::exercise;
use vectors::{fields, unhex};

#[test]
fn the_inputs_of_the_fuzzer_are_harmless() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/srtp");
    let Ok(folder) = fs::read_dir(folder) else {
        println!("skipped: the fuzzer's corpus is not part of the published crate");
        return;
    };
    for file in folder {
        exercise(&fs::read(file.unwrap().path()).unwrap());
    }
}

/// The vectors of one source.
fn of_source(source: &str) -> Option<Vec<Value>> {
    let Some(root) = std::env::var_os("PATCHCORD_CORPUS") else {
        println!("skipped: PATCHCORD_CORPUS is not set");
        return None;
    };
    let text = fs::read_to_string(Path::new(&root).join("srtp").join(source).join("vectors.json"));
    Some(serde_json::from_str(&text.unwrap()).unwrap())
}

fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    unhex(vector[field].as_str().unwrap())
}

/// Those that we have; the others are null ciphers and a key of 192 bits.
fn profile(vector: &Value) -> Option<Profile> {
    let profile = match vector["profile"].as_str().unwrap() {
        "AES_CM_128_HMAC_SHA1_80" => Profile::Aes128CmHmacSha1_80,
        "AES_CM_256_HMAC_SHA1_80" => Profile::Aes256CmHmacSha1_80,
        "AEAD_AES_128_GCM" => Profile::AeadAes128Gcm,
        "NULL_HMAC_SHA1_80" | "AES_CM_192_HMAC_SHA1_80" => return None,
        other => panic!("{other}"),
    };
    Some(profile)
}

#[test]
fn packets_of_libsrtp_are_made_and_opened() {
    let Some(all) = of_source("libsrtp") else { return };
    let mut replayed = 0;
    for vector in all {
        let Some(profile) = profile(&vector) else { continue };
        let (key, salt) = (bytes(&vector, "master_key"), bytes(&vector, "master_salt"));
        let (packet, protected) = (bytes(&vector, "plaintext"), bytes(&vector, "protected"));
        let mut rng = SeededRng::new(1);
        let mut sender = Outbound::new(profile, &key, &salt, &mut rng).unwrap();
        let config = Config::default();
        let mut receiver = Inbound::new(profile, &key, &salt, config, &mut rng).unwrap();
        let (is_rtp, has_mki) = (vector["kind"] == "rtp", vector.get("mki").is_some());
        let mut open = |bytes: &[u8]| {
            let bytes = &mut bytes.to_vec();
            let opened =
                if is_rtp { receiver.unprotect(bytes) } else { receiver.unprotect_rtcp(bytes) };
            opened.map(|packet| packet.to_vec())
        };
        if has_mki {
            // DTLS-SRTP has no MKI, and a packet with one does not verify.
            assert!(open(&protected).is_err(), "{}", vector["id"]);
            replayed += 1;
            continue;
        }

        let mut made = packet.clone();
        if is_rtp {
            sender.protect(&mut made, 0).unwrap();
        } else {
            // libsrtp counts from one.
            assert_eq!(vector["srtcp_index"], 1);
            sender.protect_rtcp(&mut packet.clone(), 0).unwrap();
            sender.protect_rtcp(&mut made, 0).unwrap();
        }
        assert_eq!(made, protected, "{}", vector["id"]);

        for bit in 0..protected.len() * 8 {
            let mut bad = protected.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&bad).is_err(), "{} {bit}", vector["id"]);
        }
        assert_eq!(open(&protected), Ok(packet), "{}", vector["id"]);
        assert!(open(&protected).is_err(), "a second time");
        replayed += 1;
    }
    assert_eq!(replayed, 7);
}

/// What the RFCs give are keys of sessions, which only tests inside the crate can set; they read
/// the same bytes.
#[test]
fn the_vectors_of_the_rfcs_are_those_of_the_corpus() {
    let Some(all) = of_source("rfc") else { return };
    macro_rules! vector {
        ($fields:literal, $name:literal) => {
            fields::<$fields>(include_str!(concat!("vectors/", $name, ".hex"))).to_vec()
        };
    }
    let ours = [
        vector!(4, "rfc3711_b_2_keystream"),
        vector!(5, "rfc3711_b_3_key_derivation"),
        vector!(5, "rfc6188_7_2_key_derivation"),
        vector!(4, "rfc7714_16_srtp_128"),
        vector!(4, "rfc7714_16_srtp_256"),
        vector!(4, "rfc7714_17_srtcp_128"),
        vector!(4, "rfc7714_17_srtcp_256"),
        vector!(4, "rfc7714_17_srtcp_tagging_128"),
        vector!(4, "rfc7714_17_srtcp_tagging_256"),
    ]
    .concat();
    let names = ["master_key", "session_key", "plaintext", "protected", "srtp_cipher_key"];
    let theirs = all.iter().flat_map(|vector| names.map(|name| vector.get(name)));
    let theirs: Vec<_> = theirs.flatten().map(|digits| unhex(digits.as_str().unwrap())).collect();
    assert!(theirs.len() > 20);
    for bytes in theirs {
        assert!(ours.contains(&bytes), "{bytes:02x?}");
    }
}
