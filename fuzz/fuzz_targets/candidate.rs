//! Any text to the parser of candidates, and back.
#![no_main]

extern crate sdp;

#[path = "../../crates/sdp/tests/exercise/candidate.rs"]
mod candidate;

libfuzzer_sys::fuzz_target!(|text: &str| candidate::exercise(text));
