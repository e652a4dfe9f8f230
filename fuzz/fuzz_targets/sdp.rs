//! Any text to the parser of descriptions, and back.
#![no_main]

extern crate sdp;

#[path = "../../crates/sdp/tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|text: &str| {
    exercise::description(text);
    // Most of the time the attributes are what is worth a look.
    exercise::description(&format!("v=0\no=- 1 1 IN IP4 0\ns=-\nm=audio 9 RTP/AVP 0\n{text}"));
});
