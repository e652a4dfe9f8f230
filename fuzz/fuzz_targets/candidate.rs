//! Any text to the parser of candidates, and back.
#![no_main]

extern crate sdp;

#[path = "../../crates/sdp/tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|text: &str| exercise::candidate(text));
