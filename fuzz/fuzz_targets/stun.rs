//! Any bytes to the parser, every attribute, the builder and the binding server.
#![no_main]

extern crate stun;

#[path = "../../crates/stun/tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
