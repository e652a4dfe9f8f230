//! Any bytes to everything that takes bytes, and any steps to what keeps state.

extern crate patchcord_rtp as rtp;

use proptest::prelude::*;

mod exercise;

proptest! {
    #[test]
    fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        exercise::rtp(&bytes);
        exercise::rtcp(&bytes);
        exercise::extensions::any(&bytes);
    }

    #[test]
    fn any_steps_keep_the_bounds(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        exercise::repair::steps(&bytes);
    }

    /// Streams that mostly go on, with gaps, disorder and pauses.
    #[test]
    fn plausible_streams_keep_the_bounds(
        steps in prop::collection::vec((0_u8..8, 0_u8..30, 0_u8..1, 0_u8..40), 0..1500),
    ) {
        let bytes: Vec<u8> = steps.into_iter().flat_map(|(a, b, c, d)| [a, b, c, d]).collect();
        exercise::repair::steps(&bytes);
    }
}

/// Each bit of a packet with all four parts, flipped; each length.
#[test]
fn damaged_packets_are_harmless() {
    let sample = [
        0xb2, 0xe0, 0x12, 0x34, 0, 0, 3, 0xe8, 0x11, 0x22, 0x33, 0x44, // fixed
        0, 0, 0, 1, 0, 0, 0, 2, // CSRCs
        0xbe, 0xde, 0, 2, 0x31, 0xab, 0xcd, 0x10, 0x85, 0, 0, 0, // extensions
        7, 8, 9, 0, 0, 0, 0, 5, // payload, padding
    ];
    for len in 0..sample.len() {
        exercise::rtp(&sample[..len]);
    }
    for bit in 0..sample.len() * 8 {
        let mut flipped = sample;
        flipped[bit / 8] ^= 1 << (bit % 8);
        exercise::rtp(&flipped);
    }
}
