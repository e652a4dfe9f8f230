//! What a channel promises, on wires that break theirs: each kind of reliability, and the close
//! that loses nothing.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, pattern, read_all};
use patchcord_peer::{ChannelId, DataChannelInit, Event, Message};
use testkit::LinkConfig;

const SECOND: Duration = Duration::from_secs(1);

fn bad(loss: f64) -> LinkConfig {
    let (jitter, reorder) = (Duration::from_millis(10), 0.1);
    LinkConfig { loss, jitter, reorder, ..LinkConfig::delayed(Duration::from_millis(20)) }
}

fn numbered(n: u32, len: usize) -> Message {
    let mut bytes = pattern(len.max(4), n as u8);
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    Message::binary(bytes)
}

/// Sends messages at a steady pace; the numbers of those that arrived, as they arrived.
fn numbers_through(link: LinkConfig, init: &DataChannelInit, count: u32, seed: u64) -> Vec<u32> {
    let mut call = Call::new(link, seed);
    let (here, there) = call.connect("d", init);
    let mut numbers = Vec::new();
    for n in 0..count + 20 {
        if n < count {
            // Every third one takes several packets.
            let len = if n % 3 == 0 { 5000 } else { 50 };
            call.pair.a.channel_send(call.pair.now, here, numbered(n, len)).unwrap();
        }
        // The last ones may take as long as they like.
        call.pair.run_for(if n < count { Duration::from_millis(20) } else { SECOND });
        for message in read_all(&mut call.pair.b, call.pair.now, there) {
            let n = u32::from_be_bytes(message.data[..4].try_into().unwrap());
            assert_eq!(message, numbered(n, message.data.len()), "seed {seed}");
            numbers.push(n);
        }
    }
    numbers
}

fn is_sorted_and_unique(numbers: &[u32]) -> bool {
    numbers.windows(2).all(|pair| pair[0] < pair[1])
}

#[test]
fn reliable_channels_lose_nothing_and_ordered_ones_keep_order() {
    for seed in 0..5 {
        for ordered in [true, false] {
            let init = DataChannelInit { ordered, ..DataChannelInit::default() };
            let mut numbers = numbers_through(bad(0.1), &init, 200, seed);
            assert_eq!(is_sorted_and_unique(&numbers), ordered, "seed {seed}");
            numbers.sort_unstable();
            assert!(numbers.iter().copied().eq(0..200), "seed {seed}: {}", numbers.len());
        }
    }
}

#[test]
fn without_retransmission_what_is_lost_is_lost_and_nothing_comes_twice() {
    for seed in 0..5 {
        for ordered in [true, false] {
            let max_retransmits = Some(0);
            let init = DataChannelInit { ordered, max_retransmits, ..DataChannelInit::default() };
            let mut numbers = numbers_through(bad(0.1), &init, 300, seed);
            assert!((150..295).contains(&numbers.len()), "seed {seed}: {}", numbers.len());
            assert!(!ordered || is_sorted_and_unique(&numbers), "seed {seed}");
            numbers.sort_unstable();
            assert!(is_sorted_and_unique(&numbers), "seed {seed}: one came twice");
        }
    }
}

#[test]
fn with_retransmissions_more_arrives_than_without() {
    let arrived = |max_retransmits| {
        let init = DataChannelInit { max_retransmits, ..DataChannelInit::default() };
        (0..5).map(|seed| numbers_through(bad(0.2), &init, 200, seed).len()).sum::<usize>()
    };
    let [none, two, any] = [Some(0), Some(2), None].map(arrived);
    assert!(none < two && two <= any && any == 1000, "{none}, {two}, {any}");
}

#[test]
fn what_is_too_old_is_not_sent_when_the_wire_is_back() {
    let init = DataChannelInit { max_packet_life_time: Some(300), ..DataChannelInit::default() };
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(20)), 1);
    let (here, there) = call.connect("d", &init);
    call.pair.run_for(SECOND);
    call.pair.a_to_b.config.loss = 1.0;
    for n in 0..40 {
        call.pair.a.channel_send(call.pair.now, here, numbered(n, 100)).unwrap();
        call.pair.run_for(Duration::from_millis(50));
    }
    call.pair.a_to_b.config.loss = 0.0;
    for n in 40..140 {
        call.pair.a.channel_send(call.pair.now, here, numbered(n, 100)).unwrap();
        call.pair.run_for(Duration::from_millis(50));
    }
    let arrived = read_all(&mut call.pair.b, call.pair.now, there);
    // Nothing of the two seconds without a wire but the last third of a second; then, as soon as
    // the timer tries again, all.
    let old = arrived.iter().filter(|message| message.data[3] < 34).count();
    assert_eq!(old, 0);
    let fresh: Vec<Message> = (100..140).map(|n| numbered(n, 100)).collect();
    assert!(arrived.ends_with(&fresh), "{} arrived", arrived.len());
}

/// Sends more than the window holds, closes at once, and reads slowly; all must arrive.
fn close_flushes(link: LinkConfig, init: &DataChannelInit, seed: u64) {
    let mut call = Call::new(link, seed);
    let (here, there) = call.connect("d", init);
    let (other, other_there) = {
        let init = DataChannelInit::default();
        let here = call.pair.a.create_data_channel(call.pair.now, "other", &init).unwrap();
        (here, call.opened(10 * SECOND))
    };
    let mut sent = 0;
    while call.pair.a.channel_send(call.pair.now, here, numbered(sent, 9000)).is_ok() {
        sent += 1;
    }
    call.pair.a.channel_close(call.pair.now, here);
    // Its neighbour is not disturbed.
    call.pair.a.channel_send(call.pair.now, other, Message::text("still here")).unwrap();
    let mut arrived = Vec::new();
    let closed = Event::ChannelClosed(there);
    for _ in 0..600 {
        call.pair.run_for(SECOND / 5);
        arrived.extend(call.pair.b.channel_read(call.pair.now, there));
        arrived.extend(call.pair.b.channel_read(call.pair.now, there));
        if call.pair.b_events.contains(&closed) {
            break;
        }
    }
    let mut numbers: Vec<u32> =
        arrived.iter().map(|m| u32::from_be_bytes(m.data[..4].try_into().unwrap())).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(0..sent), "seed {seed}: {} of {sent}", numbers.len());
    call.pair.run_for(10 * SECOND);
    assert!(call.pair.a_events.contains(&Event::ChannelClosed(here)), "seed {seed}");
    assert!(call.pair.b_events.contains(&closed), "seed {seed}");
    let other: Vec<Message> = read_all(&mut call.pair.b, call.pair.now, other_there);
    assert_eq!(other, [Message::text("still here")], "seed {seed}");
    assert_eq!(ids(&call), 1, "seed {seed}");
}

fn ids(call: &Call) -> usize {
    assert_eq!(call.pair.a.channel_count(), call.pair.b.channel_count());
    call.pair.a.channel_count()
}

#[test]
fn all_that_send_accepted_before_close_arrives() {
    for seed in 0..6 {
        let loss = [0.0, 0.02, 0.1][seed as usize % 3];
        for ordered in [true, false] {
            let init = DataChannelInit { ordered, ..DataChannelInit::default() };
            close_flushes(bad(loss), &init, seed);
        }
    }
}

/// The last thing that each side does is to send and to close: nothing of it is lost.
#[test]
fn both_sides_may_send_their_last_words_and_close() {
    for seed in 0..10 {
        let mut call = Call::new(bad(0.05), seed);
        let (here, there) = call.connect("d", &DataChannelInit::default());
        let words: Vec<Message> = (0..50).map(|n| numbered(n, 3000)).collect();
        for word in &words {
            call.pair.a.channel_send(call.pair.now, here, word.clone()).unwrap();
        }
        call.pair.a.channel_close(call.pair.now, here);
        let closing = Event::ChannelClosing(there);
        assert!(call.pair.run_until(|pair| pair.b_events.contains(&closing), 60 * SECOND));
        assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), words, "seed {seed}");
        assert!(call.pair.run_until(|pair| pair.a.channel_count() == 0, 60 * SECOND));
        assert_eq!(reopened(&mut call), Some(1), "seed {seed}");
    }
}

/// The stream id of the next channel.
fn reopened(call: &mut Call) -> Option<u16> {
    call.forget_events();
    let init = DataChannelInit::default();
    let id: ChannelId = call.pair.a.create_data_channel(call.pair.now, "next", &init).unwrap();
    call.opened(60 * SECOND);
    call.pair.a.channel(id)?.id()
}
