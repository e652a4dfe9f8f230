//! An agent with relays and TCP candidates under a program of any bytes.
#![no_main]

#[path = "../../crates/ice/tests/exercise_sockets/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
