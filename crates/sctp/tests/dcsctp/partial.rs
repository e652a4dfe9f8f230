//! Messages that are given up, RFC 3758: the other side passes over them.

use bytes::Bytes;
use dcsctp::api::{self, LifecycleId, Options, SocketEvent};
use patchcord_sctp::{Config, Order, Reliability, SendOptions, StreamId};
use testkit::LinkConfig;

use crate::support::{EITHER, Mixed, Who, chunk_types, connected, ms, on_time, read_from, send};
use crate::support::{Outgoing, ordered};

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
