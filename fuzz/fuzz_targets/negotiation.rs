//! Two connections negotiate as the bytes tell them, over signalling that damages descriptions.
#![no_main]

#[path = "../../crates/peer/tests/exercise/negotiation.rs"]
mod negotiation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| negotiation::exercise(bytes));
