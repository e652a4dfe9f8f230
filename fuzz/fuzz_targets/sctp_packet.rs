//! Packets of any bytes, with and without their checksum: every chunk is read to its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sctp::packet::{Checksum, Packet};

fuzz_target!(|bytes: &[u8]| {
    for checksum in [Checksum::Verify, Checksum::AcceptZero, Checksum::Ignore] {
        if let Ok(packet) = Packet::parse(bytes, checksum) {
            for chunk in packet.chunks() {
                let _ = format!("{chunk:?}");
            }
        }
    }
});
