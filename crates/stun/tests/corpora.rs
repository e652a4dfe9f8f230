//! Replays inputs that others collected: the fuzzer's corpus, and packets of other stacks.

extern crate patchcord_stun as stun;

use std::fs;
use std::path::{Path, PathBuf};

use stun::{Class, Message, MessageBuilder, Method, ParseError};

mod exercise;

use exercise::exercise;

/// The folder of packets, where there is one.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("PATCHCORD_CORPUS").map(|root| Path::new(&root).join("stun"));
    if folder.is_none() {
        println!("skipped: PATCHCORD_CORPUS is not set");
    }
    folder
}

#[test]
fn the_inputs_of_the_fuzzer_are_harmless() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/stun");
    let Ok(folder) = fs::read_dir(folder) else {
        println!("skipped: the fuzzer's corpus is not part of the published crate");
        return;
    };
    for file in folder {
        exercise(&fs::read(file.unwrap().path()).unwrap());
    }
}

/// `LABELS.tsv`: file, length, and `structurally-ok` with `fp-ok` and `MI`, or `reject:reason`.
#[test]
fn packets_are_accepted_as_labelled() {
    let Some(folder) = corpus() else { return };
    let labels = fs::read_to_string(folder.join("LABELS.tsv")).unwrap();
    let mut rows = 0;
    for row in labels.lines().skip(1) {
        let [file, length, label] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let bytes = fs::read(folder.parent().unwrap().join(file)).unwrap();
        assert_eq!(bytes.len().to_string(), length, "{file}");
        exercise(&bytes);
        match Message::parse(&bytes) {
            Ok(message) => {
                assert!(label.starts_with("structurally-ok"), "{file}");
                assert_eq!(message.has_integrity(), label.contains("MI"), "{file}");
                assert_eq!(message.check_fingerprint().is_ok(), label.contains("fp-ok"), "{file}");
            }
            Err(ParseError::Overrun { .. }) => assert_eq!(label, "reject:attr-overrun", "{file}"),
            Err(error) => panic!("{file}: {error}"),
        }
        rows += 1;
    }
    assert!(rows > 20);
}

/// Packets without MESSAGE-INTEGRITY need no key to be built again.
#[test]
fn packets_with_zero_padding_are_written_byte_for_byte() {
    let Some(folder) = corpus() else { return };
    let table = [
        "libwebrtc-stun/0.stun",
        "libwebrtc-stun/10.stun",
        "libwebrtc-stun/12.stun",
        "libwebrtc-stun/14.stun",
        "libwebrtc-stun/16.stun",
        "libwebrtc-stun/2.stun",
        "libwebrtc-stun/4.stun",
        "pion-stun/ex1_chrome.stun",
        "werift/binding_request.bin",
        "werift/binding_response.bin",
    ];
    for file in table {
        let bytes = fs::read(folder.join(file)).unwrap();
        let message = Message::parse(&bytes).unwrap();
        let (class, method, id) = (message.class(), message.method(), message.transaction_id());
        let mut out = Vec::new();
        let builder = message
            .attributes()
            .fold(MessageBuilder::new(&mut out, class, method, id), |builder, attribute| {
                builder.raw(attribute.kind, attribute.value)
            });
        if message.has_fingerprint() {
            builder.fingerprint();
        }
        assert_eq!(out, bytes, "{file}");
    }
}

/// The requests that browsers sent to a public server, in base64 in the second column.
#[test]
fn requests_of_browsers_are_read() {
    let Some(folder) = corpus() else { return };
    let table = fs::read_to_string(folder.join("pion-stun/frombrowsers.csv")).unwrap();
    let rows = table.lines().filter(|row| row.contains("Firefox") || row.contains("Chrome"));
    let mut rows_read = 0;
    for row in rows {
        let bytes = from_base64(row.split(',').nth(1).unwrap());
        exercise(&bytes);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
        assert_eq!(message.check_fingerprint().is_ok(), row.contains("Firefox"), "{row}");
        rows_read += 1;
    }
    assert!(rows_read > 10);
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<_> = text.chars().filter_map(|c| DIGITS.find(c)).collect();
    let triples = digits.chunks(4).flat_map(|four| {
        let bits = (0..4).fold(0, |bits, i| bits << 6 | four.get(i).unwrap_or(&0));
        let bytes = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
        bytes.into_iter().take(four.len() - 1)
    });
    triples.collect()
}
