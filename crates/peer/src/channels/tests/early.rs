//! Messages that come before their channel.

use super::*;

#[test]
fn messages_that_overtook_their_open_are_read_first() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    for text in ["one", "two"] {
        say(&mut wire, 0, 51, Order::Unordered, text.as_bytes());
    }
    wire.run_for(SECOND);
    assert!(wire.a_events.is_empty());
    let id = open(&mut wire, 0, "late").unwrap();
    say(&mut wire, 0, 51, Order::Unordered, b"three");
    wire.run_for(SECOND);
    assert_eq!(read_all(&mut wire, id), ["one", "two", "three"]);
}

#[test]
fn the_open_and_what_overtook_it_may_arrive_at_once() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    say(&mut wire, 0, 51, Order::Unordered, b"one");
    say(&mut wire, 0, 50, Order::Ordered, &open_message("late"));
    wire.run_for(SECOND);
    let readable = wire.a_events.iter().find_map(|event| match event {
        Event::ChannelReadable(id) => Some(*id),
        _ => None,
    });
    assert_eq!(read_all(&mut wire, readable.unwrap()), ["one"]);
}

#[test]
fn without_room_they_wait_in_the_association_and_all_arrive() {
    let config = sctp::Config { send_buffer: 8 << 20, ..sctp::Config::default() };
    let mut wire = bare(LIMITS, config);
    let sent: Vec<String> = (0..400).map(|n| format!("{n}{}", "x".repeat(10_000))).collect();
    for text in &sent {
        say(&mut wire, 8, 51, Order::Ordered, text.as_bytes());
    }
    wire.run_for(10 * SECOND);
    let held = wire.a.0.early.held();
    assert!((50_000..=LIMITS.early).contains(&held), "{held}");
    assert!(wire.b.total_buffered_amount() > 1 << 20, "the window closed");
    // Whoever wants them gets them.
    let id = wire.a.0.create(wire.now, "", &DataChannelInit::negotiated(8)).unwrap();
    let mut got = Vec::new();
    for _ in 0..20 {
        got.extend(read_all(&mut wire, id));
        wire.run_for(SECOND);
    }
    assert_eq!(got, sent);
    assert!(is_clean(&wire));
}

#[test]
fn a_reset_drops_what_was_for_nobody() {
    let mut wire = bare(LIMITS, sctp::Config::default());
    for _ in 0..30 {
        say(&mut wire, 8, 51, Order::Ordered, &[b'x'; 5000]);
    }
    wire.run_for(SECOND);
    assert!(!is_clean(&wire) && wire.a.0.early.has(StreamId(8)));
    wire.b.reset_streams(wire.now, &[StreamId(8)]);
    wire.run_for(SECOND);
    assert!(is_clean(&wire) && !wire.a.0.early.has(StreamId(8)));
    let id = wire.a.0.create(wire.now, "", &DataChannelInit::negotiated(8)).unwrap();
    say(&mut wire, 8, 51, Order::Ordered, b"for somebody");
    wire.run_for(SECOND);
    assert_eq!(read_all(&mut wire, id), ["for somebody"]);
}
