//! The same seed, the same bytes: a call over a bad link can be run again, to the last byte of what
//! DTLS has encrypted.
#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, pattern};
use patchcord_peer::{Config, DataChannelInit, Message};
use testkit::{LinkConfig, seeded_certificate, seeded_config};

/// What went over the wire.
fn run(seed: u64) -> Vec<Vec<u8>> {
    let certificate = seeded_certificate(1).unwrap();
    let mut config = Config::new(certificate);
    config.dtls = seeded_config(1).unwrap();
    let link = LinkConfig {
        loss: 0.02,
        reorder: 0.1,
        duplicate: 0.05,
        jitter: Duration::from_millis(5),
        ..LinkConfig::delayed(Duration::from_millis(20))
    };
    let mut call = Call::with_config(link, seed, config);
    let (here, _) = call.connect("replay", &DataChannelInit::default());
    for i in 0..20 {
        let message = Message::binary(pattern(3000, i));
        call.pair.a.channel_send(call.pair.now, here, message).unwrap();
        call.pair.run_for(Duration::from_millis(30));
    }
    call.pair.run_for(Duration::from_secs(2));
    call.pair.trace.entries().map(|entry| entry.data.to_vec()).collect()
}

#[test]
fn a_call_can_be_run_again_byte_for_byte() {
    for seed in 0..3 {
        let (one, other) = (run(seed), run(seed));
        assert!(one.len() > 60);
        let differs = one.iter().zip(&other).position(|(one, other)| one != other);
        assert_eq!((one.len(), differs), (other.len(), None), "seed {seed}");
    }
    assert!(run(1) != run(2));
}
