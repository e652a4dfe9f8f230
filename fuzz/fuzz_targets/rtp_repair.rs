//! Any arrivals at any times: reports, requests and feedback keep their bounds.
#![no_main]

extern crate rtp;

#[path = "../../crates/rtp/tests/exercise/mod.rs"]
#[expect(dead_code, reason = "a target does a part of the work")]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::repair::steps(bytes));
