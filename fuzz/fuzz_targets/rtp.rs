//! RTP packets of any bytes: what is read is written as it came.
#![no_main]

extern crate rtp;

#[path = "../../crates/rtp/tests/exercise/mod.rs"]
#[expect(dead_code, reason = "a target does a part of the work")]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::rtp(bytes));
