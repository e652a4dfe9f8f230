//! Values of every header extension, and streams of dependency descriptors.
#![no_main]

extern crate rtp;

#[path = "../../crates/rtp/tests/exercise/mod.rs"]
#[expect(dead_code, reason = "a target does a part of the work")]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::extensions::any(bytes));
