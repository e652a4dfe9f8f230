//! Streams that begin anew, RFC 6525: how data channels close.

use core::time::Duration;

use dcsctp::api::{self, Options};
use patchcord_sctp::{Config, Event, StreamId};
use testkit::LinkConfig;

use crate::support::{
    EITHER, Mixed, Who, chunk_types, connected, ms, on_time, ordered, our_events, payload,
    read_from, send, their_events,
};

const STREAM: u16 = 5;
const RE_CONFIG: u8 = 130;

fn agreed(interleaving: bool, link: LinkConfig, seed: u64) -> Mixed {
    let options = Options { enable_message_interleaving: interleaving, ..Options::default() };
    connected(Config::default(), &options, link, (Who::Ours, seed))
}

fn reset(pair: &mut Mixed, who: Who) {
    match who {
        Who::Ours => pair.a.reset_streams(pair.now, &[StreamId(STREAM)]),
        Who::Theirs => on_time(pair).reset_streams(&[api::StreamId(STREAM)]).unwrap(),
    }
}

/// Forgets what happened, and returns what it was.
fn take_events(pair: &mut Mixed) -> (Vec<Event>, Vec<String>) {
    let events = (our_events(pair), their_events(pair));
    pair.a_events.clear();
    pair.b_events.clear();
    events
}

/// Sends three messages on the stream, the first with this number, and asks that they arrive so.
fn carry(pair: &mut Mixed, who: Who, first: u32) {
    let sent: Vec<_> = (first..first + 3).map(|n| payload(n, 5000)).collect();
    for payload in &sent {
        send(pair, who, &ordered(STREAM, payload));
    }
    let mut arrived = Vec::new();
    let done = |pair: &mut Mixed| {
        arrived.extend(read_from(pair, who).into_iter().map(|message| message.2));
        arrived.len() >= sent.len()
    };
    assert!(pair.run_until(done, Duration::from_secs(30)), "from {who:?}: stuck");
    assert!(arrived == sent, "from {who:?}");
}

#[test]
fn a_stream_is_reset_and_used_again_both_ways() {
    let bad = LinkConfig { loss: 0.1, reorder: 0.1, ..LinkConfig::delayed(ms(20)) };
    for (interleaving, link) in
        [false, true].map(|i| [(i, LinkConfig::delayed(ms(20))), (i, bad)]).concat()
    {
        for who in EITHER {
            let mut pair = agreed(interleaving, link, 7);
            // Twice: the numbers of requests go on.
            for round in 0..2 {
                carry(&mut pair, who, round * 10);
                take_events(&mut pair);
                reset(&mut pair, who);
                pair.run_for(Duration::from_secs(10));
                let (ours, theirs) = take_events(&mut pair);
                let (expected_ours, expected_theirs) = match who {
                    Who::Ours => {
                        (Event::OutgoingStreamReset(StreamId(STREAM)), "OnIncomingStreamReset([5])")
                    }
                    Who::Theirs => (
                        Event::IncomingStreamReset(StreamId(STREAM)),
                        "OnStreamsResetPerformed([5])",
                    ),
                };
                assert_eq!(ours, [expected_ours], "{who:?} {round}");
                assert_eq!(theirs, [expected_theirs], "{who:?} {round}");
                assert!(chunk_types(&pair, who).contains(&RE_CONFIG));
            }
            carry(&mut pair, who, 20);
        }
    }
}

#[test]
fn both_sides_reset_a_stream_at_once() {
    for seed in 0..8 {
        let link = LinkConfig { loss: 0.05, ..LinkConfig::delayed(ms(20)) };
        let mut pair = agreed(seed % 2 == 0, link, seed);
        for who in EITHER {
            carry(&mut pair, who, 0);
        }
        take_events(&mut pair);
        reset(&mut pair, Who::Ours);
        pair.run_for(ms(seed * 5));
        reset(&mut pair, Who::Theirs);
        pair.run_for(Duration::from_secs(20));
        let (ours, mut theirs) = take_events(&mut pair);
        assert_eq!(ours.len(), 2, "seed {seed}: {ours:?}");
        assert!(ours.contains(&Event::OutgoingStreamReset(StreamId(STREAM))), "seed {seed}");
        assert!(ours.contains(&Event::IncomingStreamReset(StreamId(STREAM))), "seed {seed}");
        theirs.sort();
        assert_eq!(
            theirs,
            ["OnIncomingStreamReset([5])", "OnStreamsResetPerformed([5])"],
            "seed {seed}"
        );
        for who in EITHER {
            carry(&mut pair, who, 10);
        }
    }
}

#[test]
fn what_was_sent_before_our_reset_arrives_before_it() {
    let mut pair = agreed(true, LinkConfig::delayed(ms(20)), 1);
    let sent = payload(1, 200_000);
    send(&mut pair, Who::Ours, &ordered(STREAM, &sent));
    reset(&mut pair, Who::Ours);
    pair.run_for(Duration::from_secs(10));
    assert!(read_from(&mut pair, Who::Ours) == [(STREAM, 53, sent)]);
    let (ours, theirs) = take_events(&mut pair);
    assert_eq!(ours, [Event::OutgoingStreamReset(StreamId(STREAM))]);
    assert_eq!(theirs, ["OnIncomingStreamReset([5])"]);
}

#[test]
fn their_reset_waits_for_what_was_lost_before_it() {
    for interleaving in [false, true] {
        let mut pair = agreed(interleaving, LinkConfig::delayed(ms(20)), 1);
        pair.b_to_a.drop_next(1);
        send(&mut pair, Who::Theirs, &ordered(STREAM, &payload(1, 3000)));
        pair.run_for(ms(1));
        reset(&mut pair, Who::Theirs);
        pair.run_for(ms(100));
        assert!(chunk_types(&pair, Who::Theirs).contains(&RE_CONFIG));
        assert_eq!(take_events(&mut pair).0, []);
        pair.run_for(Duration::from_secs(10));
        assert!(read_from(&mut pair, Who::Theirs) == [(STREAM, 53, payload(1, 3000))]);
        let (ours, theirs) = take_events(&mut pair);
        assert_eq!(ours, [Event::IncomingStreamReset(StreamId(STREAM))]);
        assert_eq!(theirs, ["OnStreamsResetPerformed([5])"]);
        carry(&mut pair, Who::Theirs, 10);
    }
}
