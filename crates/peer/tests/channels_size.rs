//! How large messages may be: what each side says, and what goes through.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, certificate, pattern, peer, read_all};
use patchcord_peer::{
    ChannelId, Config, DataChannelInit, Event, Message, PeerConnection, SendError,
    SessionDescription,
};
use sansio::Instant;
use testkit::{LinkConfig, Pair};

const SECOND: Duration = Duration::from_secs(1);
const MIB: usize = 1 << 20;

fn taking(max_message_size: usize) -> Config {
    let mut config = Config::new(certificate());
    config.max_message_size = max_message_size;
    config
}

fn sends(call: &mut Call, (here, there): (ChannelId, ChannelId), len: usize) {
    let message = Message::binary(pattern(len, 5));
    let Pair { a, now, .. } = &mut call.pair;
    a.channel_send(*now, here, message.clone()).unwrap();
    let readable = Event::ChannelReadable(there);
    assert!(call.pair.run_until(|pair| pair.b_events.contains(&readable), 300 * SECOND));
    assert!(read_all(&mut call.pair.b, call.pair.now, there) == [message]);
    call.forget_events();
}

#[test]
fn messages_larger_than_window_and_buffer_arrive_whole() {
    for loss in [0.0, 0.01] {
        let link = LinkConfig { loss, ..LinkConfig::delayed(Duration::from_millis(10)) };
        let mut call = Call::with_config(link, 7, taking(8 * MIB));
        let ids = call.connect("large", &DataChannelInit::default());
        call.forget_events();
        assert_eq!(call.pair.a.max_message_size(), 8 * MIB);
        for len in [MIB, 8 * MIB, 1] {
            sends(&mut call, ids, len);
        }
        let refused =
            call.pair.a.channel_send(call.pair.now, ids.0, Message::binary(vec![0; 8 * MIB + 1]));
        assert_eq!(refused, Err(SendError::TooLarge { len: 8 * MIB + 1, max: 8 * MIB }));
    }
}

/// What `peer` may send after the other side's answer with this line.
fn limit_after(peer: &mut PeerConnection, line: &str) -> usize {
    let mut other = self::peer(2, 2, taking(MIB));
    let offer = peer.local_description().unwrap();
    other.set_remote_description(Instant::ZERO, offer).unwrap();
    let answer = other.create_answer(Instant::ZERO).unwrap().sdp;
    assert!(answer.contains("a=max-message-size:1048576\r\n"));
    let answer = answer.replace("a=max-message-size:1048576\r\n", line);
    peer.set_remote_description(Instant::ZERO, SessionDescription::answer(answer)).unwrap();
    peer.max_message_size()
}

#[test]
fn the_other_side_says_how_much_it_takes() {
    // RFC 8841 §6.1: 64 KiB unless it says so, and zero is any size.
    let table = [
        ("a=max-message-size:1048576\r\n", MIB),
        ("a=max-message-size:100\r\n", 100),
        ("", 65_536),
        ("a=max-message-size:0\r\n", usize::MAX),
        ("a=max-message-size:18446744073709551615\r\n", usize::MAX),
    ];
    for (line, expected) in table {
        let mut peer = peer(1, 1, taking(MIB));
        peer.create_data_channel(Instant::ZERO, "", &DataChannelInit::default()).unwrap();
        peer.set_local_description(Instant::ZERO, None).unwrap();
        assert_eq!(peer.max_message_size(), 0);
        assert_eq!(limit_after(&mut peer, line), expected, "{line}");
    }
}

#[test]
fn no_limit_of_theirs_is_no_limit_of_ours() {
    let link = LinkConfig::delayed(Duration::from_millis(10));
    let mut call = Call::with_config(link, 7, taking(4 * MIB));
    let here = call.pair.a.create_data_channel(Instant::ZERO, "", &DataChannelInit::default());
    let Pair { a, b, now, .. } = &mut call.pair;
    a.set_local_description(*now, None).unwrap();
    b.set_remote_description(*now, a.local_description().unwrap()).unwrap();
    b.set_local_description(*now, None).unwrap();
    let answer = b.local_description().unwrap().sdp;
    let answer = answer.replace("a=max-message-size:4194304", "a=max-message-size:0");
    a.set_remote_description(*now, SessionDescription::answer(answer)).unwrap();
    let there = call.opened(SECOND);
    sends(&mut call, (here.unwrap(), there), 4 * MIB);
}

#[test]
fn a_later_description_may_allow_more() {
    let link = LinkConfig::delayed(Duration::from_millis(10));
    let (a, b) = (peer(1, 1, taking(MIB)), peer(2, 1, taking(MIB)));
    let mut call = Call { delay: link.delay, pair: Pair::new(a, b, link, 1) };
    let here = call.pair.a.create_data_channel(Instant::ZERO, "", &DataChannelInit::default());
    for said in ["100", "1048576"] {
        let Pair { a, b, now, .. } = &mut call.pair;
        a.set_local_description(*now, None).unwrap();
        b.set_remote_description(*now, a.local_description().unwrap()).unwrap();
        b.set_local_description(*now, None).unwrap();
        let answer = b.local_description().unwrap().sdp;
        let answer = answer.replace("size:1048576", &format!("size:{said}"));
        a.set_remote_description(*now, SessionDescription::answer(answer)).unwrap();
        call.pair.run_for(SECOND);
        assert_eq!(call.pair.a.max_message_size().to_string(), said);
    }
    let there = call.opened(SECOND);
    sends(&mut call, (here.unwrap(), there), 300_000);
}
