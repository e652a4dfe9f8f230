//! Programs of any bytes, and the inputs that a fuzzer has found.

extern crate patchcord_turn as turn;

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

mod exercise;

use exercise::{exercise_client, exercise_server};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_server_keeps_its_promises(bytes in vec(any::<u8>(), 0..600)) {
        exercise_server(&bytes);
    }

    #[test]
    fn a_client_keeps_its_promises(bytes in vec(any::<u8>(), 0..600)) {
        exercise_client(&bytes);
    }
}

#[test]
fn the_inputs_of_the_fuzzer_are_harmless() {
    for (name, exercise) in
        [("turn_client", exercise_client as fn(&[u8])), ("turn_server", exercise_server)]
    {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
        let Ok(folder) = fs::read_dir(folder) else {
            println!("skipped: the fuzzer's corpus is not part of the published crate");
            return;
        };
        for file in folder {
            exercise(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
