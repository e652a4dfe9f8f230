//! Messages from end to end.

mod support;

use patchcord_sctp::{SendOptions, StreamId};
use support::{connected, ms, payload, read_all};
use testkit::LinkConfig;

#[test]
fn messages_of_all_sizes_arrive_in_order() {
    let mut pair = connected(LinkConfig::delayed(ms(10)), 1);
    let sizes = [1, 3, 4, 1160, 1161, 1163, 2320, 65_536, 262_144];
    for (n, size) in sizes.into_iter().enumerate() {
        let payload = payload(n as u32, size);
        pair.a.send(pair.now, StreamId(7), payload, SendOptions::default()).unwrap();
    }
    pair.run_for(ms(10_000));
    let messages = read_all(pair.now, &mut pair.b);
    assert_eq!(messages.len(), sizes.len());
    for (n, (size, (stream, message))) in sizes.into_iter().zip(messages).enumerate() {
        assert_eq!((stream, message.payload), (StreamId(7), payload(n as u32, size)));
    }
}
