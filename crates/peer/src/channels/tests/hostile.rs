//! Bad input: it is answered by a reset or dropped, and hurts no other channel.

use super::*;

#[test]
fn what_is_no_open_is_answered_by_a_reset_and_what_follows_is_dropped() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    let cut = &open_message("label")[..14];
    let table: [(u16, &[u8]); 4] =
        [(0, b"\x03"), (2, cut), (4, b"\x07"), (6, b"\x03\x00\0\0\0\0\0\0\0\x01\0\x00\xff")];
    for (stream, bytes) in table {
        say(&mut wire, stream, 50, Order::Ordered, bytes);
        say(&mut wire, stream, 51, Order::Ordered, b"behind it");
    }
    wire.run_for(SECOND);
    assert!(table.iter().all(|(stream, _)| was_reset(&wire, *stream)), "{:?}", wire.b_events);
    assert!(is_clean(&wire) && wire.a_events.is_empty());
    assert_eq!(wire.a.0.counters().dcep_discarded, 4);
    // Once reset, the stream is as good as any other.
    wire.b.reset_streams(wire.now, &[StreamId(0)]);
    wire.run_for(SECOND);
    let id = open(&mut wire, 0, "good").unwrap();
    say(&mut wire, 0, 51, Order::Ordered, b"hello");
    wire.run_for(SECOND);
    assert_eq!(read_all(&mut wire, id), ["hello"]);
}

#[test]
fn channels_that_are_not_theirs_or_too_many_are_refused() {
    let limits = Limits { channels: 2, text: 100, ..LIMITS };
    let mut wire = bare(limits, sctp::Config::default());
    // RFC 8832 §6: odd ids are ours.
    assert_eq!(open(&mut wire, 1, "odd"), None);
    assert_eq!(open(&mut wire, 0, &"x".repeat(101)), None);
    assert!(was_reset(&wire, 1) && was_reset(&wire, 0));
    let long = open(&mut wire, 2, &"x".repeat(99)).unwrap();
    assert_eq!(open(&mut wire, 4, "xx"), None);
    assert!(open(&mut wire, 6, "x").is_some());
    assert_eq!(open(&mut wire, 8, ""), None);
    assert_eq!(wire.a.0.channel_count(), 2);
    // What is closed makes room, for names too.
    wire.a.0.close(wire.now, long, crate::channels::Initiator::Us);
    wire.b.reset_streams(wire.now, &[StreamId(2)]);
    wire.run_for(SECOND);
    assert!(open(&mut wire, 10, &"x".repeat(99)).is_some());
}

#[test]
fn an_open_on_a_stream_that_is_in_use_closes_its_channel() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    let init = DataChannelInit::negotiated(8);
    let negotiated = wire.a.0.create(wire.now, "ours", &init).unwrap();
    let theirs = open(&mut wire, 6, "theirs").unwrap();
    assert_eq!((open(&mut wire, 8, "glare"), open(&mut wire, 6, "twice")), (None, None));
    assert!(was_reset(&wire, 8) && was_reset(&wire, 6));
    wire.b.reset_streams(wire.now, &[StreamId(8), StreamId(6)]);
    wire.run_for(SECOND);
    for id in [negotiated, theirs] {
        assert!(wire.a_events.contains(&Event::ChannelClosed(id)));
    }
}

#[test]
fn other_payload_identifiers_are_not_the_applications() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    let id = open(&mut wire, 0, "d").unwrap();
    // RFC 8831 §6.6 deprecates 52 and 54; 60 and 0 mean nothing here. The byte that stands for an
    // empty message is not looked at.
    for (ppid, text) in
        [(0, "a"), (51, "b"), (52, "c"), (54, "d"), (60, "e"), (53, "f"), (56, "gg")]
    {
        say(&mut wire, 0, ppid, Order::Ordered, text.as_bytes());
    }
    say(&mut wire, 0, 50, Order::Ordered, b"\x02");
    say(&mut wire, 0, 50, Order::Ordered, b"nonsense");
    say(&mut wire, 0, 51, Order::Ordered, b"last");
    wire.run_for(SECOND);
    assert_eq!(read_all(&mut wire, id), ["b", "f", "", "last"]);
    let counters = wire.a.0.counters();
    assert_eq!((counters.messages_discarded, counters.dcep_discarded), (4, 1));
    assert!(is_clean(&wire));
}

#[test]
fn streams_that_were_not_agreed_on_have_no_channels() {
    let config = sctp::Config { inbound_streams: 4, ..sctp::Config::default() };
    let association = Association::new(config, Box::new(SeededRng::new(2)));
    let link = LinkConfig::delayed(Duration::from_millis(10));
    let mut wire: Wire<Association> = Pair::new(side(LIMITS, Parity::Odd, 1), association, link, 1);
    let now = wire.now;
    let mut create = |init: &DataChannelInit| wire.a.0.create(now, "", init).unwrap();
    let in_band = [0; 3].map(|_| create(&DataChannelInit::default()));
    let [low, high] = [2, 9].map(|id| create(&DataChannelInit::negotiated(id)));
    wire.run_for(SECOND);
    for (id, opened) in [(in_band[0], true), (in_band[1], true), (in_band[2], false)] {
        assert_eq!(wire.a_events.contains(&Event::ChannelOpen(id)), opened, "{id}");
        assert_eq!(wire.a_events.contains(&Event::ChannelClosed(id)), !opened, "{id}");
    }
    assert!(wire.a_events.contains(&Event::ChannelOpen(low)));
    assert!(wire.a_events.contains(&Event::ChannelClosed(high)));
    let too_high = wire.a.0.create(wire.now, "", &DataChannelInit::negotiated(4));
    assert_eq!(too_high, Err(crate::ChannelError::IdTooHigh { id: 4, streams: 4 }));
    let too_many = wire.a.0.create(wire.now, "", &DataChannelInit::default());
    assert_eq!(too_many, Err(crate::ChannelError::TooMany(3)));
    assert_eq!(wire.a.0.channel_count(), 3);
}
