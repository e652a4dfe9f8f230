//! Messages that are given up, RFC 3758: the other side passes over them.

use bytes::Bytes;
use dcsctp::api::{self, LifecycleId, Options, SocketEvent};
use patchcord_sctp::{Config, Order, Reliability, SendOptions, StreamId};
use testkit::LinkConfig;

use crate::support::{
    EITHER, Mixed, Outgoing, Who, chunk_types, connected, ms, on_time, ordered, payload, read_from,
    send,
};

const FORWARD_TSN: u8 = 192;
const I_FORWARD_TSN: u8 = 194;

const DOOMED: &[u8] = b"this one never passes";

/// How a message may be given up.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Retransmits(u16),
    LifetimeMs(u64),
}

fn agreed(interleaving: bool) -> Mixed {
    let options = Options { enable_message_interleaving: interleaving, ..Options::default() };
    let link = LinkConfig::delayed(ms(20));
    connected(Config::default(), &options, link, (Who::Ours, 1))
}

/// Sends a message that the wire swallows whenever it comes by.
fn send_doomed(pair: &mut Mixed, who: Who, limit: Limit, order: Order) {
    let swallow = |bytes: &[u8]| bytes.windows(DOOMED.len()).any(|window| window == DOOMED);
    match who {
        Who::Ours => {
            pair.a_to_b.drop_if(swallow);
            let reliability = match limit {
                Limit::Retransmits(n) => Reliability::MaxRetransmits(n),
                Limit::LifetimeMs(n) => Reliability::MaxLifetime(ms(n)),
            };
            let options = SendOptions { order, reliability, ..SendOptions::default() };
            pair.a.send(pair.now, StreamId(1), Bytes::from_static(DOOMED), options).unwrap();
        }
        Who::Theirs => {
            pair.b_to_a.drop_if(swallow);
            let mut options = api::SendOptions {
                unordered: order == Order::Unordered,
                lifecycle_id: Some(LifecycleId::from(7)),
                ..api::SendOptions::default()
            };
            match limit {
                Limit::Retransmits(n) => options.max_retransmissions = Some(n),
                Limit::LifetimeMs(n) => options.lifetime = Some(ms(n)),
            }
            let message = api::Message::new(api::StreamId(1), api::PpId(53), DOOMED.to_vec());
            on_time(pair).send(message, &options).unwrap();
        }
    }
}

/// Whether the sender says that it gave the message up.
fn gave_up(pair: &Mixed, who: Who) -> bool {
    match who {
        Who::Ours => pair.a.counters().abandoned_sent == 1,
        Who::Theirs => pair
            .b_events
            .iter()
            .any(|event| matches!(event, SocketEvent::OnLifecycleMessageMaybeExpired(id) if id.value() == 7)),
    }
}

fn given_up(interleaving: bool, who: Who, limit: Limit, order: Order) {
    let what = format!("{interleaving} {who:?} {limit:?} {order:?}");
    let mut pair = agreed(interleaving);
    send(&mut pair, who, &ordered(1, b"before"));
    pair.run_for(ms(100));
    send_doomed(&mut pair, who, limit, order);
    pair.run_for(ms(5));
    let after = Outgoing { seen: (1, 53, b"after".to_vec()), order };
    send(&mut pair, who, &after);
    pair.run_for(ms(10_000));
    let [before, after] = [b"before".to_vec(), after.seen.2].map(|bytes| (1, 53, bytes));
    assert_eq!(read_from(&mut pair, who), [before, after], "{what}");
    assert!(gave_up(&pair, who), "{what}");
    let types = chunk_types(&pair, who);
    let (used, other) = match interleaving {
        true => (I_FORWARD_TSN, FORWARD_TSN),
        false => (FORWARD_TSN, I_FORWARD_TSN),
    };
    assert!(types.contains(&used) && !types.contains(&other), "{what}");
    // The stream goes on.
    send(&mut pair, who, &ordered(1, b"later"));
    pair.run_for(ms(1000));
    assert_eq!(read_from(&mut pair, who), [(1, 53, b"later".to_vec())], "{what}");
    assert_eq!(pair.a_discards, []);
}

#[test]
fn the_other_side_passes_over_a_message_that_was_given_up() {
    for interleaving in [false, true] {
        for who in EITHER {
            for limit in [Limit::Retransmits(0), Limit::Retransmits(2), Limit::LifetimeMs(300)] {
                for order in [Order::Ordered, Order::Unordered] {
                    given_up(interleaving, who, limit, order);
                }
            }
        }
    }
}

/// Sends a message of which nothing is sent twice.
fn send_once(pair: &mut Mixed, who: Who, (stream, order): (u16, Order), payload: Vec<u8>) {
    match who {
        Who::Ours => {
            let reliability = Reliability::MaxRetransmits(0);
            let options = SendOptions { order, reliability, ..SendOptions::default() };
            pair.a.send(pair.now, StreamId(stream), payload.into(), options).unwrap();
        }
        Who::Theirs => {
            let options = api::SendOptions {
                unordered: order == Order::Unordered,
                max_retransmissions: Some(0),
                ..api::SendOptions::default()
            };
            let message = api::Message::new(api::StreamId(stream), api::PpId(0), payload);
            on_time(pair).send(message, &options).unwrap();
        }
    }
}

#[test]
fn large_messages_are_given_up_whole() {
    const LEN: usize = 6000;
    let streams = [(1, Order::Ordered), (2, Order::Unordered)];
    for seed in 0..6 {
        let options = Options { enable_message_interleaving: seed % 2 == 1, ..Options::default() };
        let link = LinkConfig { loss: 0.05, reorder: 0.02, ..LinkConfig::delayed(ms(20)) };
        let mut pair = connected(Config::default(), &options, link, (Who::Ours, seed));
        let mut arrived = [Vec::new(), Vec::new()];
        let mut read = |pair: &mut Mixed| {
            for (who, arrived) in EITHER.into_iter().zip(&mut arrived) {
                arrived.extend(read_from(pair, who));
            }
        };
        for number in 0..60 {
            for (who, stream) in EITHER.into_iter().flat_map(|who| streams.map(|s| (who, s))) {
                send_once(&mut pair, who, stream, payload(number, LEN));
            }
            pair.run_for(ms(50));
            read(&mut pair);
        }
        for (who, (stream, order)) in EITHER.into_iter().flat_map(|who| streams.map(|s| (who, s))) {
            let seen = (stream, 0, payload(99, LEN));
            send(&mut pair, who, &Outgoing { seen, order });
        }
        pair.run_for(ms(60_000));
        read(&mut pair);
        for (who, arrived) in EITHER.into_iter().zip(arrived) {
            for (stream, order) in streams {
                let of_stream = arrived.iter().filter(|message| message.0 == stream);
                let mut numbers: Vec<u32> = of_stream.map(|message| number(&message.2)).collect();
                if order == Order::Unordered {
                    numbers.sort_unstable();
                }
                let what = format!("seed {seed}, {who:?}, {order:?}: {numbers:?}");
                assert!(numbers.is_sorted_by(|a, b| a < b), "{what}");
                assert_eq!(numbers.last(), Some(&99), "{what}");
                assert!((20..60).contains(&numbers.len()), "{what}");
            }
        }
        assert!(pair.a.counters().abandoned_sent > 0);
    }
}

/// Which of the messages this is; it is one of them in every byte.
fn number(bytes: &[u8]) -> u32 {
    let number = (0..100).find(|number| payload(*number, 4) == bytes[..4]).unwrap();
    assert!(payload(number, 6000) == bytes, "message {number} is damaged");
    number
}
