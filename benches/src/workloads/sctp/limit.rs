//! What no implementation can do without.

use std::hint::black_box;

use super::{PACKET, PAYLOAD};
use crate::cpu;
use crate::race::Entry;

/// For each packet: CRC32c at both ends, and one copy of the payload.
pub(super) fn wire(message: usize) -> Entry<'static> {
    let packets = 100_000;
    // A message shorter than a packet fills one alone.
    let payload = message.min(PAYLOAD);
    let packet = vec![0x5a; PACKET - PAYLOAD + payload];
    let mut copy = Vec::with_capacity(PACKET);
    Entry::new("LIMIT CRC32c twice, one copy", move || {
        let (time, ()) = cpu::time(|| {
            for _ in 0..packets {
                copy.clear();
                copy.extend_from_slice(black_box(&packet));
                black_box(crc32c(&copy) ^ crc32c(black_box(&packet)));
            }
        });
        Some((packets * payload) as f64 / 1e6 / time.as_secs_f64())
    })
}

/// What headers and loss leave of the link.
pub(super) fn link(loss: f64) -> Entry<'static> {
    let goodput = 100.0 * PAYLOAD as f64 / PACKET as f64 * (1.0 - loss);
    Entry::new("LIMIT headers and losses", move || Some(goodput))
}

fn crc32c(bytes: &[u8]) -> u64 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes)
}
