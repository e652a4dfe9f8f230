//! Data channels use what the path carries (RFC 8899).

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, read_all};
use patchcord_peer::{DataChannelInit, Message};
use testkit::LinkConfig;

/// Sends 400 kB, which must arrive, over a path that carries datagrams of `mtu` bytes. Returns how
/// large packets became.
fn largest(mtu: usize) -> Option<usize> {
    let (rate, delay) = (Some(20_000_000), Duration::from_millis(20));
    let link = LinkConfig { mtu: Some(mtu), rate, ..LinkConfig::delayed(delay) };
    let mut call = Call::new(link, 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    let pair = &mut call.pair;
    assert_eq!(pair.a.stats().mtu, Some(1191));
    let mut arrived = 0;
    for _ in 0..8 {
        pair.a.channel_send(pair.now, here, Message::binary(vec![7; 50_000])).unwrap();
        pair.run_for(Duration::from_secs(2));
        arrived += read_all(&mut pair.b, pair.now, there).len();
    }
    assert_eq!(arrived, 8);
    assert_eq!(pair.b.stats().mtu, Some(1191), "it has nothing to send");
    pair.a.stats().mtu
}

#[test]
fn an_ethernet_is_filled() {
    // 1500 - 20 (IPv4) - 8 (UDP): the largest packet leaves two bytes.
    assert_eq!(largest(1472), Some(1448));
}

#[test]
fn a_narrower_path_is_used_as_far_as_it_goes() {
    // 1500 - 40 (IPv6) - 8 (UDP) - 22 (DTLS).
    let size = largest(1452).unwrap();
    assert!((1414..=1430).contains(&size), "{size}");
    // What the first size takes, 22 bytes of DTLS with it, and nothing more.
    assert_eq!(largest(1213), Some(1191));
}
