//! Two machines of multicast DNS under a program of any bytes.
#![no_main]

#[path = "../../crates/mdns/tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
