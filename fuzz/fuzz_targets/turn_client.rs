//! A client of TURN under a program of any bytes.
#![no_main]

#[path = "../../crates/turn/tests/exercise/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each target runs one half")]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise_client(bytes));
