//! Messages both ways, RFC 9260 §6: each once, whole, and in order where order was asked for.

use core::time::Duration;

use dcsctp::api::{self, Options};
use patchcord_sctp::{Config, CongestionControl, Order, SendError, SendOptions, StreamId};
use testkit::LinkConfig;

use crate::support::{
    EITHER, Mixed, Outgoing, Seen, Who, connected, connected_by, ms, on_time, payload, read_from,
    send,
};

const ORDERED: u16 = 1;
const UNORDERED: u16 = 2;

/// Sizes from one byte to what both take at most, with one, two and many packets.
const SIZES: [usize; 6] = [1, 1200, 64 << 10, 3, 256 << 10, 1163];

/// On one stream in order, on another without.
fn messages() -> Vec<Outgoing> {
    let numbered = |(number, len): (u32, usize)| {
        let outgoing = |stream, order, number| {
            let seen = (stream, 50 + number, payload(number, len));
            Outgoing { seen, order }
        };
        [
            outgoing(ORDERED, Order::Ordered, number),
            outgoing(UNORDERED, Order::Unordered, number + 100),
        ]
    };
    (0..).zip(SIZES).flat_map(numbered).collect()
}

/// Sends all of them both ways, and asks that they arrive so.
fn exchange(pair: &mut Mixed, what: &str) {
    let sent: Vec<Seen> = messages().into_iter().map(|message| message.seen).collect();
    for message in &messages() {
        send(pair, Who::Ours, message);
        send(pair, Who::Theirs, message);
    }
    let mut arrived = [Vec::new(), Vec::new()];
    let done = |pair: &mut Mixed| {
        for (who, arrived) in EITHER.into_iter().zip(&mut arrived) {
            arrived.extend(read_from(pair, who));
        }
        arrived.iter().all(|arrived| arrived.len() >= sent.len())
    };
    assert!(pair.run_until(done, Duration::from_secs(120)), "{what}: stuck");
    // Nothing comes twice.
    pair.run_for(Duration::from_secs(5));
    for (who, mut arrived) in EITHER.into_iter().zip(arrived) {
        arrived.extend(read_from(pair, who));
        for stream in [ORDERED, UNORDERED] {
            let of = |messages: &[Seen]| -> Vec<Seen> {
                let mut of: Vec<Seen> =
                    messages.iter().filter(|message| message.0 == stream).cloned().collect();
                if stream == UNORDERED {
                    of.sort();
                }
                of
            };
            assert!(of(&arrived) == of(&sent), "{what}: from {who:?} on stream {stream}");
        }
    }
}

#[test]
fn messages_of_all_sizes_arrive_both_ways() {
    for who in EITHER {
        let mut pair = connected_by(who);
        exchange(&mut pair, &format!("connected by {who:?}"));
        assert_eq!(pair.a_discards, []);
        assert_eq!(pair.a.counters().retransmissions, 0);
        assert_eq!(pair.b.metrics().rtx_packets_count, 0);
    }
}

#[test]
fn they_arrive_over_a_bad_wire() {
    use CongestionControl::{Bbr, Cubic, NewReno};
    for congestion_control in [NewReno, Cubic, Bbr] {
        for (interleaving, seed) in [(false, 1), (true, 2), (false, 3), (true, 4)] {
            let link = LinkConfig {
                loss: 0.02,
                reorder: 0.05,
                duplicate: 0.01,
                rate: Some(20_000_000),
                ..LinkConfig::delayed(ms(20))
            };
            let config = Config { congestion_control, ..Config::default() };
            let options =
                Options { enable_message_interleaving: interleaving, ..Options::default() };
            let mut pair = connected(config, &options, link, (Who::Ours, seed));
            assert_eq!(pair.a.is_interleaving(), interleaving);
            exchange(&mut pair, &format!("{congestion_control:?}, seed {seed}"));
            // The wire was bad, and both had to do something about it.
            assert!(pair.a_to_b.counters.lost > 0 && pair.a_to_b.counters.reordered > 0);
            assert!(pair.b_to_a.counters.lost > 0 && pair.b_to_a.counters.reordered > 0);
            assert!(pair.a.counters().retransmissions > 0);
            assert!(pair.b.metrics().rtx_packets_count > 0);
        }
    }
}

#[test]
fn neither_sends_an_empty_message() {
    let mut pair = connected_by(Who::Ours);
    let empty = pair.a.send(pair.now, StreamId(1), Default::default(), SendOptions::default());
    assert_eq!(empty, Err(SendError::Empty));
    let empty = api::Message::new(api::StreamId(1), api::PpId(53), Vec::new());
    let refused = on_time(&mut pair).send(empty, &api::SendOptions::default());
    assert_eq!(refused, Err(api::SendError::EmptyPayload));
}
