//! Numbers that wrap: TSN at 2^32, SSN at 2^16.

use patchcord_sctp::{Association, Config, Event, SendOptions, StreamId};
use sansio::Rng;
use testkit::{LinkConfig, Pair};

use crate::support::{Sctp, ms, payload, read_all};

/// Randomness that begins at the top: the initial TSN is 2^32 - 1 - n.
struct Top(u32);

impl Rng for Top {
    fn fill(&mut self, dst: &mut [u8]) {
        for (byte, value) in dst.iter_mut().zip((u32::MAX - self.0).to_le_bytes().iter().cycle()) {
            *byte = *value;
        }
    }

    fn fork(&mut self) -> Box<dyn Rng> {
        Box::new(Self(self.0))
    }
}

fn top(n: u32, link: LinkConfig) -> Sctp {
    let config = Config { interleaving: n.is_multiple_of(2), ..Config::default() };
    let end = |n| Association::new(config.clone(), Box::new(Top(n)));
    Pair::new(end(n), end(n + 1), link, u64::from(n))
}

#[test]
fn tsns_wrap() {
    for n in 0..60 {
        let link =
            LinkConfig { loss: 0.1, reorder: 0.1, duplicate: 0.1, ..LinkConfig::delayed(ms(20)) };
        let mut pair = top(n, link);
        pair.a.connect(pair.now);
        for number in 0..20 {
            let (stream, options) = (StreamId(number as u16 % 3), SendOptions::default());
            pair.a.send(pair.now, stream, payload(number, 4000), options).unwrap();
            pair.b.send(pair.now, stream, payload(number, 4000), options).unwrap();
        }
        pair.a.reset_streams(pair.now, &[StreamId(0)]);
        let done = |events: &[Event], n: usize| {
            events.iter().filter(|e| matches!(e, Event::OutgoingStreamReset(_))).count() == n
        };
        assert!(pair.run_until(|p| done(&p.a_events, 1), ms(600_000)), "{n}");
        pair.run_for(ms(60_000));
        for messages in [read_all(pair.now, &mut pair.a), read_all(pair.now, &mut pair.b)] {
            assert_eq!(messages.len(), 20, "{n}");
            for stream in 0..3 {
                let found = messages.iter().filter(|(s, _)| s.0 == stream).map(|(_, m)| &m.payload);
                let expected = (0..20).filter(|n| n % 3 == u32::from(stream));
                let expected: Vec<_> = expected.map(|n| payload(n, 4000)).collect();
                assert!(found.eq(expected.iter()), "{n}");
            }
        }
    }
}

#[test]
fn ssns_wrap() {
    let link = LinkConfig { loss: 0.01, ..LinkConfig::delayed(ms(5)) };
    let config = Config { interleaving: false, ..Config::default() };
    let mut pair = crate::support::connected_with(config, link, 1);
    pair.trace.capacity = 0;
    let (mut sent, mut received) = (0, 0);
    while received < 70_000 {
        while sent < 70_000
            && pair.a.send(pair.now, StreamId(1), payload(sent, 8), SendOptions::default()).is_ok()
        {
            sent += 1;
        }
        pair.run_for(ms(20));
        for (_, message) in read_all(pair.now, &mut pair.b) {
            assert_eq!(message.payload, payload(received, 8));
            received += 1;
        }
    }
}
