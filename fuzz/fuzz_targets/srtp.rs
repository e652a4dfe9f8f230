//! Any RTP and RTCP packets to a sender, any bytes and damaged packets to a receiver: only what was
//! sent is taken, once, and no byte of it is another.
#![no_main]

extern crate srtp;

#[path = "../../crates/srtp/tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
