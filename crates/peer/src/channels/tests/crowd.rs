//! As many channels as there are stream ids.

use super::*;
use crate::ChannelError;
use crate::channels::{Initiator, Message};

fn crowd() -> Wire<Side> {
    let (a, b) = (side(LIMITS, Parity::Odd, 1), side(LIMITS, Parity::Even, 2));
    let mut wire = Pair::new(a, b, LinkConfig::delayed(Duration::from_millis(10)), 1);
    wire.run_for(SECOND);
    wire
}

/// All that one side can open.
fn open_all(wire: &mut Wire<Side>) -> (Vec<ChannelId>, Vec<ChannelId>) {
    let (now, init) = (wire.now, DataChannelInit::default());
    let ours = core::iter::from_fn(|| wire.a.0.create(now, "", &init).ok()).collect();
    let theirs = core::iter::from_fn(|| wire.b.0.create(now, "", &init).ok()).collect();
    wire.run_for(20 * SECOND);
    (ours, theirs)
}

#[test]
fn every_stream_id_carries_a_channel() {
    let mut wire = crowd();
    let (ours, theirs) = open_all(&mut wire);
    // 0..=65534: RFC 8832 §8.1 reserves 65535.
    assert_eq!((ours.len(), theirs.len()), (32_767, 32_768));
    assert_eq!((wire.a.0.channel_count(), wire.b.0.channel_count()), (65_535, 65_535));
    let full = wire.a.0.create(wire.now, "", &DataChannelInit::default());
    assert_eq!(full, Err(ChannelError::TooMany(65_535)));
    // The first and the last carry messages like any other.
    for id in [ours[0], ours[32_766]] {
        wire.a.0.send(wire.now, id, Message::text("hello")).unwrap();
    }
    wire.b_events.clear();
    wire.run_for(SECOND);
    let readable: Vec<ChannelId> = wire
        .b_events
        .iter()
        .filter_map(|event| match event {
            Event::ChannelReadable(id) => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(readable.len(), 2);
    for id in readable {
        assert_eq!(wire.b.0.read(wire.now, id), Some(Message::text("hello")));
    }
    // All are closed, and their ids serve again.
    let (mut a, mut b) = (wire.a_events.len(), wire.b_events.len());
    for id in ours {
        wire.a.0.close(wire.now, id, Initiator::Us);
    }
    for id in theirs {
        wire.b.0.close(wire.now, id, Initiator::Us);
    }
    wire.run_for(60 * SECOND);
    assert_eq!((wire.a.0.channel_count(), wire.b.0.channel_count()), (0, 0));
    let closed = |events: &[Event]| {
        events.iter().filter(|event| matches!(event, Event::ChannelClosed(_))).count()
    };
    (a, b) = (closed(&wire.a_events[a..]), closed(&wire.b_events[b..]));
    assert_eq!((a, b), (65_535, 65_535));
    let (ours, theirs) = open_all(&mut wire);
    assert_eq!((ours.len(), theirs.len()), (32_767, 32_768));
}

#[test]
fn closing_half_of_them_leaves_the_others() {
    let mut wire = crowd();
    let init = DataChannelInit::default();
    let ours: Vec<ChannelId> =
        (0..500).map(|_| wire.a.0.create(wire.now, "", &init).unwrap()).collect();
    wire.run_for(SECOND);
    let theirs: Vec<ChannelId> = wire
        .b_events
        .iter()
        .filter_map(|event| match event {
            Event::DataChannel(id) => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(theirs.len(), 500);
    for id in &theirs[..250] {
        wire.b.0.close(wire.now, *id, Initiator::Us);
    }
    wire.run_for(5 * SECOND);
    assert_eq!((wire.a.0.channel_count(), wire.b.0.channel_count()), (250, 250));
    for id in &ours[250..] {
        wire.a.0.send(wire.now, *id, Message::text("still here")).unwrap();
    }
    wire.run_for(SECOND);
    for id in &theirs[250..] {
        assert_eq!(wire.b.0.read(wire.now, *id), Some(Message::text("still here")));
    }
}
