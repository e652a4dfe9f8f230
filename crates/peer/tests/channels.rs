//! Data channels: every kind of message, every kind of channel.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, pattern, read_all};
use patchcord_peer::{
    ChannelError, DataChannelInit, DataChannelState, Event, Message, MessageKind, Priority,
    SendError,
};
use testkit::LinkConfig;

const SECOND: Duration = Duration::from_secs(1);

fn call() -> Call {
    Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1)
}

#[test]
fn messages_of_all_kinds_arrive_as_they_were() {
    let mut call = call();
    let (here, there) = call.connect("all", &DataChannelInit::default());
    let messages = [
        Message::text("hello"),
        Message::text(""),
        Message::binary(Vec::new()),
        Message::binary(pattern(1, 1)),
        Message::binary(pattern(1200, 2)),
        Message::binary(pattern(65_536, 3)),
        Message::binary(pattern(262_144, 4)),
        Message::text("ä".repeat(1000)),
    ];
    for message in &messages {
        call.pair.a.channel_send(call.pair.now, here, message.clone()).unwrap();
    }
    call.pair.run_for(SECOND);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), messages);
}

#[test]
fn messages_that_are_too_large_are_refused() {
    let mut call = call();
    let (here, _) = call.connect("d", &DataChannelInit::default());
    let refused = call.pair.a.channel_send(call.pair.now, here, Message::binary(vec![0; 262_145]));
    assert_eq!(refused, Err(SendError::TooLarge { len: 262_145, max: 262_144 }));
}

#[test]
fn a_channel_is_told_to_the_other_side_as_it_is() {
    let mut call = call();
    let init = DataChannelInit {
        ordered: false,
        max_packet_life_time: Some(150),
        protocol: "proto".into(),
        priority: Priority::HIGH,
        ..DataChannelInit::default()
    };
    let (here, there) = call.connect("läbel", &init);
    for (peer, id) in [(&call.pair.a, here), (&call.pair.b, there)] {
        let channel = peer.channel(id).unwrap();
        assert_eq!(channel.label(), "läbel");
        assert_eq!(channel.protocol(), "proto");
        assert!(!channel.ordered());
        assert_eq!(channel.max_packet_life_time(), Some(150));
        assert_eq!(channel.max_retransmits(), None);
        assert_eq!(channel.priority(), Priority::HIGH);
        // RFC 8832 §6: the offerer is DTLS server here, so its ids are odd.
        assert_eq!(channel.id(), Some(1));
        assert_eq!(channel.ready_state(), DataChannelState::Open);
    }
}

#[test]
fn negotiated_channels_need_no_word_in_band() {
    let mut call = call();
    let init = DataChannelInit::negotiated(7);
    let here = call.pair.a.create_data_channel(call.pair.now, "x", &init).unwrap();
    call.signal();
    call.pair.run_for(SECOND);
    assert!(call.pair.a_events.contains(&Event::ChannelOpen(here)));
    // A message that comes before the other side has created the channel waits for it.
    call.pair.a.channel_send(call.pair.now, here, Message::text("early")).unwrap();
    call.pair.run_for(SECOND);
    let there = call.pair.b.create_data_channel(call.pair.now, "y", &init).unwrap();
    call.pair.run_for(SECOND);
    assert!(call.pair.b_events.contains(&Event::ChannelReadable(there)));
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), [Message::text("early")]);
}

#[test]
fn a_hundred_channels_from_both_sides_do_not_collide() {
    let mut call = call();
    assert_eq!(call.pair.a.max_channels(), None);
    let (_, _) = call.connect("first", &DataChannelInit::default());
    assert_eq!(call.pair.a.max_channels(), Some(65_535));
    for n in 0..50 {
        let label = n.to_string();
        let init = DataChannelInit::default();
        call.pair.a.create_data_channel(call.pair.now, &label, &init).unwrap();
        call.pair.b.create_data_channel(call.pair.now, &label, &init).unwrap();
    }
    call.pair.run_for(SECOND);
    let opened = |events: &[Event]| {
        events.iter().filter(|event| matches!(event, Event::DataChannel(_))).count()
    };
    assert_eq!((opened(&call.pair.a_events), opened(&call.pair.b_events)), (50, 50));
    assert_eq!(call.pair.a.channel_count(), 101);
}

#[test]
fn closing_delivers_what_was_sent_before_and_frees_the_id() {
    let link = LinkConfig { loss: 0.05, ..LinkConfig::delayed(Duration::from_millis(20)) };
    for seed in 0..20 {
        let mut call = Call::new(link, seed);
        let (here, there) = call.connect("d", &DataChannelInit::default());
        call.forget_events();
        let data = pattern(200_000, seed as u8);
        call.pair.a.channel_send(call.pair.now, here, Message::binary(data.clone())).unwrap();
        call.pair.a.channel_close(call.pair.now, here);
        let gone = call.pair.a.channel_send(call.pair.now, here, Message::text("late"));
        assert_eq!(gone, Err(SendError::NotOpen(DataChannelState::Closing)));
        let closing = Event::ChannelClosing(there);
        assert!(call.pair.run_until(|p| p.b_events.contains(&closing), 60 * SECOND), "seed {seed}");
        // What was not read yet keeps the channel.
        assert!(call.pair.b.channel(there).is_some());
        assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), [Message::binary(data)]);
        assert!(call.pair.run_until(|p| p.a.channel_count() == 0, 60 * SECOND), "seed {seed}");
        assert!(call.pair.run_until(|p| p.b.channel_count() == 0, 60 * SECOND), "seed {seed}");
        assert!(call.pair.a_events.contains(&Event::ChannelClosed(here)));
        assert!(call.pair.b_events.contains(&Event::ChannelClosed(there)));
        // The stream serves the next channel.
        let next = call.pair.a.create_data_channel(call.pair.now, "n", &DataChannelInit::default());
        let next = next.unwrap();
        assert_ne!(next, here);
        let there = call.opened(60 * SECOND);
        assert_eq!(call.pair.b.channel(there).unwrap().id(), Some(1));
        call.pair.b.channel_send(call.pair.now, there, Message::text("again")).unwrap();
        let readable = Event::ChannelReadable(next);
        assert!(
            call.pair.run_until(|p| p.a_events.contains(&readable), 60 * SECOND),
            "seed {seed}"
        );
        assert_eq!(read_all(&mut call.pair.a, call.pair.now, next), [Message::text("again")]);
    }
}

#[test]
fn both_sides_may_close_at_once() {
    let mut call = call();
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.pair.a.channel_close(call.pair.now, here);
    call.pair.b.channel_close(call.pair.now, there);
    call.pair.run_for(SECOND);
    assert_eq!((call.pair.a.channel_count(), call.pair.b.channel_count()), (0, 0));
}

#[test]
fn not_reading_is_back_pressure_and_reading_lifts_it() {
    let mut call = call();
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.forget_events();
    let message = Message::binary(pattern(60_000, 9));
    let mut sent = 0;
    let refused = loop {
        match call.pair.a.channel_send(call.pair.now, here, message.clone()) {
            Ok(()) => sent += 1,
            Err(error) => {
                call.pair.run_for(SECOND);
                if call.pair.a.channel_send(call.pair.now, here, message.clone()).is_err() {
                    break error;
                }
                sent += 1;
            }
        }
        assert!(sent < 1000, "nothing holds the sender back");
    };
    assert_eq!(refused, SendError::BufferFull);
    assert!(call.pair.a.buffered_amount(here) > 0);
    call.pair.a_events.clear();
    let mut received = 0;
    while received < sent {
        let got = read_all(&mut call.pair.b, call.pair.now, there);
        assert!(got.iter().all(|m| *m == message));
        received += got.len();
        call.pair.run_for(SECOND);
    }
    assert!(call.pair.a_events.contains(&Event::ChannelWritable(here)));
    assert_eq!(call.pair.a.buffered_amount(here), 0);
}

#[test]
fn low_threshold_fires_when_it_is_crossed() {
    let mut call = call();
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.pair.a.set_buffered_amount_low_threshold(here, 1000);
    call.forget_events();
    call.pair.a.channel_send(call.pair.now, here, Message::binary(pattern(200_000, 0))).unwrap();
    call.pair.run_for(SECOND);
    let low = Event::ChannelBufferedAmountLow(here);
    assert_eq!(call.pair.a_events.iter().filter(|event| **event == low).count(), 1);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, there).len(), 1);
}

#[test]
fn what_cannot_be_created_says_why() {
    let mut call = call();
    let now = call.pair.now;
    let a = &mut call.pair.a;
    a.create_data_channel(now, "x", &DataChannelInit::negotiated(5)).unwrap();
    let both = DataChannelInit {
        max_retransmits: Some(1),
        max_packet_life_time: Some(1),
        ..DataChannelInit::default()
    };
    let no_id = DataChannelInit { negotiated: true, ..DataChannelInit::default() };
    let long = "x".repeat(65_536);
    let table = [
        (a.create_data_channel(now, "x", &both), ChannelError::TwoLimits),
        (a.create_data_channel(now, "x", &no_id), ChannelError::IdMissing),
        (
            a.create_data_channel(now, "x", &DataChannelInit::negotiated(65_535)),
            ChannelError::IdReserved(65_535),
        ),
        (
            a.create_data_channel(now, "x", &DataChannelInit::negotiated(5)),
            ChannelError::IdInUse(5),
        ),
        (
            a.create_data_channel(now, &long, &DataChannelInit::default()),
            ChannelError::TextTooLong { len: 65_536 },
        ),
    ];
    for (result, error) in table {
        assert_eq!(result, Err(error));
    }
    assert_eq!(a.channel_count(), 1);
    a.close(now);
    let closed = a.create_data_channel(now, "x", &DataChannelInit::default());
    assert_eq!(closed, Err(ChannelError::Closed));
}

#[test]
fn messages_sent_before_the_channel_is_open_are_refused() {
    let mut call = call();
    let init = DataChannelInit::default();
    let id = call.pair.a.create_data_channel(call.pair.now, "x", &init).unwrap();
    let refused = call.pair.a.channel_send(call.pair.now, id, Message::text("x"));
    assert_eq!(refused, Err(SendError::NotOpen(DataChannelState::Connecting)));
    assert_eq!(Message::text("x").kind, MessageKind::Text);
}
