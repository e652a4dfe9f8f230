//! Channels that come and go on a bad wire, at random: each message of an ordered channel arrives
//! once and in its place, a close loses nothing, and no stream is left behind.

use std::collections::BTreeMap;

use sansio::Rng;

use super::*;
use crate::channels::{Initiator, Message};

/// What one end of a channel knows. Both ends have the same label.
#[derive(Debug, Default)]
struct End {
    id: Option<ChannelId>,
    sent: Vec<u32>,
    received: Vec<u32>,
    /// It called `close`, and so gave up what it had not read.
    gave_up: bool,
}

struct Churn {
    wire: Wire<Side>,
    rng: SeededRng,
    /// By label, ours and theirs.
    channels: BTreeMap<u32, [End; 2]>,
    ids: [BTreeMap<ChannelId, u32>; 2],
    serial: u32,
}

impl Churn {
    fn new(seed: u64) -> Self {
        let (a, b) = (side(LIMITS, Parity::Odd, seed), side(LIMITS, Parity::Even, seed + 1000));
        let link = LinkConfig {
            loss: 0.1,
            reorder: 0.1,
            duplicate: 0.05,
            jitter: Duration::from_millis(5),
            ..LinkConfig::delayed(Duration::from_millis(10))
        };
        let mut wire = Pair::new(a, b, link, seed);
        wire.run_for(10 * SECOND);
        let (channels, ids) = (BTreeMap::new(), [BTreeMap::new(), BTreeMap::new()]);
        Self { wire, rng: SeededRng::new(seed), channels, ids, serial: 0 }
    }

    fn below(&mut self, n: usize) -> usize {
        (self.rng.next_u64() % n as u64) as usize
    }

    fn side(&mut self, at: usize) -> &mut DataTransport {
        if at == 0 { &mut self.wire.a.0 } else { &mut self.wire.b.0 }
    }

    fn step(&mut self) {
        let (at, now) = (self.below(2), self.wire.now);
        let known: Vec<(ChannelId, u32)> = self.ids[at].iter().map(|(id, l)| (*id, *l)).collect();
        let chosen = if known.is_empty() { None } else { Some(known[self.below(known.len())]) };
        match (self.below(10), chosen) {
            (0..=1, _) | (_, None) if known.len() < 6 => {
                let label = self.serial;
                self.serial += 1;
                let init = DataChannelInit::default();
                let id = self.side(at).create(now, &label.to_string(), &init).unwrap();
                self.ids[at].insert(id, label);
                self.channels.entry(label).or_default()[at].id = Some(id);
            }
            (2..=6, Some((id, label))) => {
                let n = self.channels[&label][at].sent.len() as u32;
                let mut bytes = n.to_be_bytes().to_vec();
                bytes.resize(4 + self.below(4000), 7);
                if self.side(at).send(now, id, Message::binary(bytes)).is_ok() {
                    self.end(label, at).sent.push(n);
                }
            }
            (7, Some((id, label))) => {
                self.side(at).close(now, id, Initiator::Us);
                self.end(label, at).gave_up = true;
            }
            _ => {
                let millis = self.below(100) as u64;
                self.wire.run_for(Duration::from_millis(millis));
            }
        }
        self.follow();
    }

    fn end(&mut self, label: u32, at: usize) -> &mut End {
        &mut self.channels.entry(label).or_default()[at]
    }

    /// Takes events, and now and then reads.
    fn follow(&mut self) {
        let events = [&mut self.wire.a_events, &mut self.wire.b_events].map(core::mem::take);
        for (at, events) in events.into_iter().enumerate() {
            for event in events {
                match event {
                    Event::DataChannel(id) => {
                        let Some(channel) = self.side(at).channel(id) else { continue };
                        let label = channel.label().parse().unwrap();
                        self.ids[at].insert(id, label);
                        self.end(label, at).id = Some(id);
                    }
                    Event::ChannelClosed(id) => _ = self.ids[at].remove(&id),
                    _ => {}
                }
            }
            if self.below(3) > 0 {
                self.read(at);
            }
        }
    }

    fn read(&mut self, at: usize) {
        let now = self.wire.now;
        let known: Vec<(ChannelId, u32)> = self.ids[at].iter().map(|(id, l)| (*id, *l)).collect();
        for (id, label) in known {
            while let Some(message) = self.side(at).read(now, id) {
                let n = u32::from_be_bytes(message.data[..4].try_into().unwrap());
                self.end(label, at).received.push(n);
            }
        }
    }

    /// One side closes what is left; then all must be as it was in the beginning.
    fn finish(&mut self, seed: u64) {
        for _ in 0..100 {
            self.wire.run_for(SECOND);
            self.follow();
            for at in [0, 1] {
                self.read(at);
            }
        }
        let left: Vec<(ChannelId, u32)> = self.ids[0].iter().map(|(id, l)| (*id, *l)).collect();
        for (id, _) in left {
            let now = self.wire.now;
            self.side(0).close(now, id, Initiator::Us);
        }
        for _ in 0..100 {
            self.wire.run_for(SECOND);
            self.follow();
            self.read(1);
        }
        for at in [0, 1] {
            assert_eq!(self.side(at).channel_count(), 0, "seed {seed}: {:?}", self.ids[at]);
            let data = self.side(at);
            let unread = data.association.as_ref().and_then(Association::readable);
            let left = (unread, data.text, data.early.held());
            assert_eq!(left, (None, 0, 0), "seed {seed}, side {at}");
        }
        for (label, ends) in &self.channels {
            for (from, to) in [(0, 1), (1, 0)] {
                let (sent, received) = (&ends[from].sent, &ends[to].received);
                let all = sent == received || (ends[to].gave_up && sent.starts_with(received));
                // Closed before its OPEN was sent, or before anybody saw it.
                let unseen = ends[to].id.is_none() && received.is_empty();
                assert!(all || unseen, "seed {seed}, {label} from {from}: {ends:?}");
            }
        }
    }
}

#[test]
fn channels_that_come_and_go_lose_nothing_and_leave_nothing() {
    let mut channels = 0;
    for seed in 0..30 {
        let mut churn = Churn::new(seed);
        for _ in 0..300 {
            churn.step();
        }
        churn.finish(seed);
        channels += churn.serial;
    }
    assert!(channels > 500, "{channels}");
}
