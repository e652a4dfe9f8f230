//! Back-pressure: who holds whom back, and whom not.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, pattern, read_all};
use patchcord_peer::{
    ChannelId, Config, DataChannelInit, Event, Message, PeerConnection, Priority, SendError,
};
use testkit::LinkConfig;

const SECOND: Duration = Duration::from_secs(1);
const BUFFER: usize = 256 << 10;

/// Two connections with a small buffer each, and two channels from `a` to `b`.
fn two_channels(link: LinkConfig) -> (Call, [ChannelId; 2], [ChannelId; 2]) {
    let mut config = Config::new(call::certificate());
    config.sctp.send_buffer = BUFFER;
    config.sctp.receive_window = BUFFER;
    let mut call = Call::with_config(link, 1, config);
    let (first, first_there) = call.connect("first", &DataChannelInit::default());
    let init = DataChannelInit::default();
    let second = call.pair.a.create_data_channel(call.pair.now, "second", &init).unwrap();
    let second_there = call.opened(SECOND);
    call.forget_events();
    (call, [first, second], [first_there, second_there])
}

/// Sends until the buffer refuses; how many were taken.
fn fill(call: &mut Call, id: ChannelId, message: &Message) -> usize {
    let mut taken = 0;
    while call.pair.a.channel_send(call.pair.now, id, message.clone()).is_ok() {
        taken += 1;
        assert!(taken < 10_000, "nothing holds the sender back");
    }
    taken
}

fn slow() -> LinkConfig {
    LinkConfig { rate: Some(1_000_000), ..LinkConfig::delayed(Duration::from_millis(10)) }
}

#[test]
fn a_channel_that_fills_the_buffer_leaves_room_for_another() {
    let (mut call, [greedy, modest], [greedy_there, there]) = two_channels(slow());
    let bulk = Message::binary(pattern(16_000, 1));
    for round in 0..20_u8 {
        fill(&mut call, greedy, &bulk);
        let word = Message::binary(pattern(100, round));
        call.pair.a.channel_send(call.pair.now, modest, word.clone()).unwrap();
        assert!(call.pair.a.buffered_amount(greedy) <= (BUFFER + 16_000) / 2);
        let sent = call.pair.now;
        let readable = Event::ChannelReadable(there);
        assert!(call.pair.run_until(|pair| pair.b_events.contains(&readable), 10 * SECOND));
        // What is in flight, and a turn of each channel: not the greedy one's 128 KiB, which take
        // this link a second.
        assert!(call.pair.now - sent < SECOND / 2, "{round}: {:?}", call.pair.now - sent);
        assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), [word]);
        call.forget_events();
        read_all(&mut call.pair.b, call.pair.now, greedy_there);
    }
}

#[test]
fn whoever_was_refused_room_is_told_when_there_is_some() {
    let (mut call, [greedy, modest], [greedy_there, modest_there]) = two_channels(slow());
    let bulk = Message::binary(pattern(16_000, 1));
    let mut taken = [fill(&mut call, greedy, &bulk), fill(&mut call, modest, &bulk)];
    let mut read = [0, 0];
    let mut told = 0;
    for _ in 0..100 {
        call.pair.run_for(SECOND / 10);
        for (n, id) in [greedy, modest].into_iter().enumerate() {
            if call.pair.a_events.contains(&Event::ChannelWritable(id)) {
                told += 1;
                taken[n] += fill(&mut call, id, &bulk);
            }
        }
        call.pair.a_events.clear();
        for (n, id) in [greedy_there, modest_there].into_iter().enumerate() {
            read[n] += read_all(&mut call.pair.b, call.pair.now, id).len();
        }
    }
    // Ten seconds at 1 Mbit/s are 75 messages.
    assert!(read.iter().sum::<usize>() > 65, "{read:?}");
    assert!(read[0].abs_diff(read[1]) < 15, "{read:?}: each has its part of the wire");
    assert!((5..50).contains(&told), "{told}");
    call.pair.run_for(60 * SECOND);
    for (n, id) in [greedy_there, modest_there].into_iter().enumerate() {
        read[n] += read_all(&mut call.pair.b, call.pair.now, id).len();
        call.pair.run_for(10 * SECOND);
        read[n] += read_all(&mut call.pair.b, call.pair.now, id).len();
    }
    assert_eq!(read, taken);
}

#[test]
fn a_message_larger_than_the_buffer_goes_through_and_keeps_nobody_out() {
    let mut config = Config::new(call::certificate());
    config.sctp.send_buffer = 64 << 10;
    let link = LinkConfig::delayed(Duration::from_millis(10));
    let mut call = Call::with_config(link, 1, config);
    let (large, large_there) = call.connect("large", &DataChannelInit::default());
    let init = DataChannelInit::default();
    let small = call.pair.a.create_data_channel(call.pair.now, "small", &init).unwrap();
    let small_there = call.opened(SECOND);
    let message = Message::binary(pattern(262_144, 3));
    let now = call.pair.now;
    call.pair.a.channel_send(now, large, message.clone()).unwrap();
    let refused = call.pair.a.channel_send(now, large, Message::text("behind"));
    assert_eq!(refused, Err(SendError::BufferFull));
    call.pair.a.channel_send(now, small, Message::text("beside")).unwrap();
    call.pair.run_for(10 * SECOND);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, large_there), [message]);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, small_there), [Message::text("beside")]);
    assert!(call.pair.a_events.contains(&Event::ChannelWritable(large)));
}

#[test]
fn a_reader_that_closes_its_channel_lets_the_sender_and_the_others_go_on() {
    let (mut call, [stopped, other], [stopped_there, other_there]) =
        two_channels(LinkConfig::delayed(Duration::from_millis(10)));
    let bulk = Message::binary(pattern(16_000, 1));
    // Nobody reads: the window closes, then the buffer fills.
    for _ in 0..4 {
        fill(&mut call, stopped, &bulk);
        call.pair.run_for(5 * SECOND);
    }
    assert!(call.pair.a.buffered_amount(stopped) > 0);
    call.pair.a.channel_send(call.pair.now, other, Message::text("stuck")).unwrap();
    call.pair.run_for(5 * SECOND);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, other_there), []);
    call.pair.b.channel_close(call.pair.now, stopped_there);
    call.pair.run_for(5 * SECOND);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, other_there), [Message::text("stuck")]);
    assert!(call.pair.a_events.contains(&Event::ChannelClosed(stopped)));
    assert!(call.pair.b_events.contains(&Event::ChannelClosed(stopped_there)));
    // Nothing of it was left behind in the window.
    fill(&mut call, other, &bulk);
    call.pair.run_for(5 * SECOND);
    assert!(!read_all(&mut call.pair.b, call.pair.now, other_there).is_empty());
}

#[test]
fn the_amount_is_the_applications_and_falls_as_soon_as_it_has_left() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(50)), 1);
    let (here, _) = call.connect("a label that nobody counts", &DataChannelInit::default());
    let now = call.pair.now;
    let init = DataChannelInit { protocol: "x".repeat(1000), ..DataChannelInit::default() };
    let fresh = call.pair.a.create_data_channel(now, "another", &init).unwrap();
    assert_eq!(call.pair.a.buffered_amount(fresh), 0, "its OPEN is not the application's");
    call.pair.a.channel_send(now, fresh, Message::text("hello")).unwrap();
    assert_eq!(call.pair.a.buffered_amount(fresh), 5);
    call.forget_events();
    call.pair.a.channel_send(now, here, Message::binary(pattern(500, 0))).unwrap();
    assert_eq!(call.pair.a.buffered_amount(here), 500);
    // No acknowledgement is needed: that would take a round trip, and perhaps 200 ms more.
    call.pair.run_for(Duration::from_millis(1));
    assert_eq!(call.pair.a.buffered_amount(here), 0);
    assert!(call.pair.a_events.contains(&Event::ChannelBufferedAmountLow(here)));
    assert!(call.pair.a_events.contains(&Event::ChannelBufferedAmountLow(fresh)));
}

/// Bytes of the two channels that `reader` has read after a while in which both were always full.
fn shares(call: &mut Call, reader: [ChannelId; 2], mut send: impl FnMut(&mut Call)) -> [usize; 2] {
    let mut read = [0, 0];
    for _ in 0..200 {
        send(call);
        call.pair.run_for(SECOND / 20);
        for (n, id) in reader.into_iter().enumerate() {
            let messages = read_all(&mut call.pair.b, call.pair.now, id);
            read[n] += messages.iter().map(|message| message.data.len()).sum::<usize>();
        }
    }
    read
}

fn fill_all(peer: &mut PeerConnection, now: sansio::Instant, ids: [ChannelId; 2]) {
    for id in ids {
        while peer.channel_send(now, id, Message::binary(pattern(2000, 0))).is_ok() {}
    }
}

#[test]
fn a_channel_of_high_priority_has_four_times_the_wire_of_one_of_low() {
    let mut call = Call::new(slow(), 1);
    call.connect("first", &DataChannelInit::default());
    let mut channels = [Priority::HIGH, Priority::LOW].map(|priority| {
        let init = DataChannelInit { priority, ..DataChannelInit::default() };
        let here = call.pair.a.create_data_channel(call.pair.now, "", &init).unwrap();
        (here, call.opened(SECOND))
    });
    for _ in 0..2 {
        let (here, there) = (channels.map(|(here, _)| here), channels.map(|(_, there)| there));
        let [high, low] = shares(&mut call, there, |call| {
            fill_all(&mut call.pair.a, call.pair.now, here);
        });
        let ratio = high as f64 / low as f64;
        assert!((3.5..4.5).contains(&ratio), "{high} to {low} bytes");
        // The other side was told: its own messages are weighed in the same way.
        core::mem::swap(&mut call.pair.a, &mut call.pair.b);
        core::mem::swap(&mut call.pair.a_to_b, &mut call.pair.b_to_a);
        channels = channels.map(|(here, there)| (there, here));
    }
}
