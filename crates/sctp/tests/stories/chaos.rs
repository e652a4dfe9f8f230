//! Bad links, sloppy shells, both directions at once: everything arrives, once, in order where
//! asked.

use std::collections::BTreeMap;

use bytes::Bytes;
use patchcord_sctp::{
    Association, Config, CongestionControl, Event, Message, Order, SendError, SendOptions, StreamId,
};
use sansio::Instant;
use testkit::{LinkConfig, Schedule, SeededRng};

use crate::snap::snapped;
use crate::support::{SCHEDULERS, Sctp, ms, pair_with, payload, read_all};

const MESSAGES: u32 = 60;
const STREAMS: u16 = 5;

/// What one side sends and has received.
struct Side {
    rng: SeededRng,
    to_send: u32,
    sent: u32,
    /// Numbers of ordered messages received, by stream.
    ordered: BTreeMap<StreamId, Vec<u32>>,
    received: Vec<u32>,
}

impl Side {
    fn new(seed: u64) -> Self {
        let (ordered, received) = (BTreeMap::new(), Vec::new());
        Self { rng: SeededRng::new(seed), to_send: MESSAGES, sent: 0, ordered, received }
    }

    /// Size, stream and order follow from the number of a message.
    fn message(number: u32, seed: u64) -> (StreamId, Bytes, Order) {
        let mut rng = SeededRng::new(seed ^ u64::from(number) << 32);
        let size = match rng.below(4) {
            0 => rng.below(40) + 4,
            1 | 2 => rng.below(2500) + 4,
            _ => rng.below(30_000) + 4,
        };
        let stream = StreamId(rng.below(u64::from(STREAMS)) as u16);
        let order = if rng.chance(0.3) { Order::Unordered } else { Order::Ordered };
        (stream, payload(number, size as usize), order)
    }

    fn send(&mut self, now: Instant, seed: u64, association: &mut Association) {
        let burst = self.rng.below(4) as u32;
        for _ in 0..burst.min(self.to_send - self.sent) {
            let (stream, payload, order) = Self::message(self.sent, seed);
            let options = SendOptions { order, ..SendOptions::default() };
            match association.send(now, stream, payload, options) {
                Ok(()) => {
                    self.sent += 1;
                    let priority = self.rng.below(u64::from(u16::MAX) + 1) as u16;
                    association.set_stream_priority(stream, priority);
                }
                Err(SendError::BufferFull { .. }) => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn receive(&mut self, seed: u64, messages: Vec<(StreamId, Message)>) {
        for (stream, message) in messages {
            let number = u32::from_be_bytes(message.payload[..4].try_into().unwrap());
            let expected = Self::message(number, seed);
            assert_eq!((stream, message.payload, message.order), expected);
            self.received.push(number);
            if message.order == Order::Ordered {
                self.ordered.entry(stream).or_default().push(number);
            }
        }
    }

    fn check(&mut self) {
        self.received.sort_unstable();
        assert_eq!(self.received, (0..MESSAGES).collect::<Vec<_>>(), "exactly once");
        for numbers in self.ordered.values() {
            assert!(numbers.is_sorted(), "in order");
        }
    }
}

/// All that can be chosen, in many combinations; windows and buffers are small.
fn config(seed: u64) -> Config {
    let controllers =
        [CongestionControl::NewReno, CongestionControl::Cubic, CongestionControl::Bbr];
    Config {
        congestion_control: controllers[seed as usize % 3],
        scheduler: SCHEDULERS[seed as usize % SCHEDULERS.len()],
        // One in four keeps its messages whole.
        interleaving: !seed.is_multiple_of(4),
        receive_window: 40_000,
        max_incoming_message_size: 40_000,
        send_buffer: 60_000,
        zero_checksum: seed.is_multiple_of(2),
        max_retransmissions: 50,
        max_init_retransmissions: 50,
        ..Config::default()
    }
}

fn run(seed: u64, mut link: LinkConfig, schedule: Schedule) -> Sctp {
    let config = config(seed);
    if config.zero_checksum {
        // DTLS keeps damage away.
        link.corrupt = 0.0;
    }
    let signalled = seed % 5 == 1;
    let mut pair =
        if signalled { snapped(&config, link, seed) } else { pair_with(config, link, seed) };
    pair.schedule = schedule;
    pair.a.connect(pair.now);
    if seed.is_multiple_of(3) {
        pair.b.connect(pair.now);
    }
    let (a_seed, b_seed) = (seed ^ 0xaaaa, seed ^ 0xbbbb);
    let (mut a, mut b) = (Side::new(a_seed), Side::new(b_seed));
    let done = pair.run_until(
        |p| {
            a.send(p.now, a_seed, &mut p.a);
            b.send(p.now, b_seed, &mut p.b);
            if a.rng.chance(0.5) {
                a.receive(b_seed, read_all(p.now, &mut p.a));
            }
            if b.rng.chance(0.5) {
                b.receive(a_seed, read_all(p.now, &mut p.b));
            }
            a.received.len() as u32 >= MESSAGES && b.received.len() as u32 >= MESSAGES
        },
        ms(3_600_000),
    );
    assert!(
        done,
        "seed {seed}: stuck at {}: {:?} {:?}",
        pair.now,
        pair.a.counters(),
        pair.b.counters()
    );
    a.check();
    b.check();
    pair.a.shutdown(pair.now);
    if seed.is_multiple_of(2) {
        pair.b.shutdown(pair.now);
    }
    pair.run_for(ms(600_000));
    for events in [&pair.a_events, &pair.b_events] {
        assert_eq!(events.iter().filter(|e| **e == Event::Connected).count(), 1);
        assert!(matches!(events.last(), Some(Event::Closed(_))), "{:?}", events.last());
    }
    pair
}

fn bad_link(seed: u64) -> LinkConfig {
    let mut rng = SeededRng::new(seed);
    LinkConfig {
        delay: rng.up_to(ms(100)),
        jitter: rng.up_to(ms(30)),
        loss: 0.01 + rng.fraction() * 0.19,
        duplicate: rng.fraction() * 0.2,
        reorder: rng.fraction() * 0.3,
        corrupt: rng.fraction() * 0.1,
        ..LinkConfig::default()
    }
}

#[test]
fn everything_arrives_over_bad_links() {
    for seed in 0..150 {
        run(seed, bad_link(seed), Schedule::default());
    }
}

#[test]
fn everything_arrives_through_sloppy_shells() {
    for seed in 1000..1100 {
        run(seed, bad_link(seed), Schedule::sloppy());
    }
}
