//! DCEP messages: what is read can be written, and is then read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peer::dcep::Dcep;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Dcep::parse(bytes) {
        let mut out = Vec::new();
        message.write(&mut out);
        assert_eq!(Dcep::parse(&out), Ok(message));
    }
});
