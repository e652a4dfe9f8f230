//! RTCP compounds of any bytes: what is read is written to be read alike.
#![no_main]

extern crate rtp;

#[path = "../../crates/rtp/tests/exercise/mod.rs"]
#[expect(dead_code, reason = "a target does a part of the work")]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::rtcp(bytes));
