//! Packets leave at a pace.

use core::time::Duration;

use patchcord_sctp::{Config, CongestionControl, SendOptions, StreamId};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{Puppet, Sctp, connected_with, ms, payload, read_all};

const WINDOW: u32 = 1 << 20;

fn puppet(congestion_control: CongestionControl) -> Puppet {
    Puppet::connected(Config { congestion_control, ..Config::default() })
}

/// Packets that leave at once, and those that leave in the next milliseconds.
fn departures(puppet: &mut Puppet, millis: usize) -> Vec<usize> {
    let mut departures = vec![puppet.packets().len()];
    for _ in 0..millis {
        puppet.wait(ms(1));
        departures.push(puppet.packets().len());
    }
    departures
}

#[test]
fn a_window_leaves_over_a_round_trip() {
    for controller in [CongestionControl::NewReno, CongestionControl::Cubic] {
        let mut puppet = puppet(controller);
        for _ in 0..10 {
            puppet.queue(payload(1, 60_000));
        }
        assert_eq!(puppet.packets().len(), 10, "nothing is known of the path");
        puppet.wait(ms(40));
        puppet.sack(2, WINDOW, &[]).unwrap();
        assert_eq!(puppet.packets().len(), 4);
        puppet.sack(14, WINDOW, &[]).unwrap();
        let departures = departures(&mut puppet, 30);
        // What was saved up; then the rest of the window over half a round trip.
        assert_eq!(departures[0], 6, "{departures:?}");
        assert!(departures[1..].iter().all(|n| *n <= 3), "{departures:?}");
        let (at_once, all): (usize, usize) =
            (departures[..6].iter().sum(), departures.iter().sum());
        assert!(all >= 14 && all > at_once, "{departures:?}");
    }
}

#[test]
fn the_application_may_limit_the_rate() {
    let (rate, queue) = (Some(20_000_000), Some(50_000));
    let link = LinkConfig { rate, queue, ..LinkConfig::delayed(ms(10)) };
    for controller in [CongestionControl::NewReno, CongestionControl::Cubic, CongestionControl::Bbr]
    {
        let config = Config { congestion_control: controller, ..Config::default() };
        let mut pair = connected_with(config, link, 1);
        let mut limited = |limit, duration| {
            pair.a.set_rate_limit(pair.now, limit);
            transfer(&mut pair, duration)
        };
        let free = limited(None, ms(1000));
        limited(Some(2_000_000), ms(100)); // what was under way arrives
        let bits = limited(Some(2_000_000), ms(2000)) * 8;
        // Headers are part of the limit.
        assert!((3_700_000..4_000_000).contains(&bits), "{bits}");
        let again = limited(None, ms(2000));
        assert!(again > 3 * free / 2, "nothing is remembered of it: {again} {free}");
    }
}

/// Bytes that arrive while the application writes without end.
fn transfer(pair: &mut Sctp, duration: Duration) -> usize {
    let (end, mut received) = (pair.now + duration, 0);
    pair.trace.clear();
    pair.run_until(
        |p| {
            let message = payload(1, 16_000);
            while p.a.send(p.now, StreamId(1), message.clone(), SendOptions::default()).is_ok() {}
            received += read_all(p.now, &mut p.b).iter().map(|m| m.1.payload.len()).sum::<usize>();
            p.trace.clear();
            p.now >= end
        },
        duration,
    );
    received
}

#[test]
fn a_short_message_after_a_silence_leaves_at_once() {
    let mut puppet = puppet(CongestionControl::Bbr);
    let mut sent = 0;
    for _ in 0..20 {
        puppet.queue(payload(1, 9000));
        let packets = puppet.packets().len();
        assert_eq!(packets, 8);
        sent += packets as u32;
        puppet.wait(ms(50));
        puppet.sack(sent, WINDOW, &[]).unwrap();
        puppet.wait(ms(1000));
    }
}

#[test]
fn the_pace_is_told_to_those_who_pace_outside() {
    let config = Config { pacing: false, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    assert_eq!(puppet.sctp.pacing_rate(), None);
    puppet.queue(payload(1, 20_000));
    puppet.packets();
    puppet.wait(ms(100));
    puppet.sack(10, WINDOW, &[]).unwrap();
    assert!(puppet.packets().len() >= 7, "all at once");
    // 2.77 times ten packets of 1176 bytes in 100 ms.
    let rate = puppet.sctp.pacing_rate().unwrap();
    assert!((2_600_000..2_610_000).contains(&rate), "{rate}");
    puppet.sctp.set_rate_limit(puppet.now, Some(1_000_000));
    assert_eq!(puppet.sctp.pacing_rate(), Some(1_000_000));
    assert!(puppet.sctp.poll_timeout().is_some());
}
