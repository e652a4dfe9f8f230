//! Any text to the parser of descriptions, and back.
#![no_main]

extern crate sdp;

#[path = "../../crates/sdp/tests/exercise/description.rs"]
mod description;

libfuzzer_sys::fuzz_target!(|text: &str| {
    description::exercise(text);
    // Most of the time the attributes are what is worth a look.
    description::exercise(&format!("v=0\no=- 1 1 IN IP4 0\ns=-\nm=audio 9 RTP/AVP 0\n{text}"));
});
