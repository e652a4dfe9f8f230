//! Promises that hold whatever happens: programs of random bytes, and those that fuzzing found.
#![cfg(test)]

extern crate patchcord_mdns as mdns;

mod exercise;

use std::fs;

use exercise::exercise;
use proptest::prelude::{ProptestConfig, any, proptest};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn any_program_keeps_the_promises(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        exercise(&bytes);
    }
}

#[test]
fn the_fuzz_corpus_keeps_the_promises() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/mdns");
    let mut seen = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        // Those with a name; a fuzzer at work leaves thousands named by their hash.
        if path.file_name().is_some_and(|name| name.len() < 40) {
            exercise(&fs::read(path).unwrap());
            seen += 1;
        }
    }
    assert!(seen > 0);
}
