//! Handshakes on links that lose, repeat, reorder and damage.

use std::time::Duration;

use patchcord_dtls::{Role, State, Versions};
use testkit::{LinkConfig, Schedule};

use crate::support::{Ends, config, connect, connection, exchange, pair};

const VERSIONS: [[Versions; 2]; 4] = [
    [Versions::Dtls12, Versions::Dtls12],
    [Versions::Dtls13, Versions::Dtls13],
    [Versions::Dtls12, Versions::Both],
    [Versions::Both, Versions::Both],
];

fn same_keys(pair: &Ends) -> bool {
    let keys = |end: &patchcord_dtls::Connection| {
        let keys = end.keying_material().expect("connected").clone();
        let [a, b] = [Role::Client, Role::Server].map(|role| keys.written_by(role).key.to_vec());
        (a, b)
    };
    keys(&pair.a) == keys(&pair.b)
}

#[test]
fn connects_whatever_is_lost_repeated_or_late() {
    let mut slowest = Duration::ZERO;
    for seed in 0..240 {
        let link = LinkConfig {
            loss: 0.01 + 0.19 * (seed % 20) as f64 / 19.0,
            duplicate: 0.1,
            reorder: 0.2,
            jitter: Duration::from_millis(5),
            ..LinkConfig::delayed(Duration::from_millis(20))
        };
        let [client, server] = VERSIONS[seed as usize % 4];
        let mtu = if seed % 5 == 0 { 256 } else { 1184 };
        let end = |role, versions| {
            let config = patchcord_dtls::Config { mtu, ..config(role, versions) };
            connection(&config, role, seed)
        };
        let ends = (end(Role::Client, client), end(Role::Server, server));
        let mut pair = testkit::Pair::new(ends.0, ends.1, link, seed);
        if seed % 3 == 0 {
            pair.schedule = Schedule::sloppy();
        }
        assert!(connect(&mut pair), "seed {seed}: {:?} {:?}", pair.a_events, pair.b_events);
        assert!(same_keys(&pair), "seed {seed}");
        slowest = slowest.max(pair.now - sansio::Instant::ZERO);
        exchange(&mut pair);
    }
    assert!(slowest < Duration::from_secs(8), "{slowest:?}");
}

#[test]
fn damage_never_passes_for_success() {
    let mut outcomes = [0; 2];
    for seed in 0..120 {
        let link = LinkConfig { corrupt: 0.1, ..LinkConfig::delayed(Duration::from_millis(20)) };
        let mut pair = pair(VERSIONS[seed as usize % 4], link, seed);
        pair.run_until(|pair| !pending(&pair.a) && !pending(&pair.b), Duration::from_secs(40));
        pair.run_for(Duration::from_secs(40));
        let states = [pair.a.state(), pair.b.state()];
        assert!(states.iter().all(|state| *state != State::Connecting), "seed {seed}: {states:?}");
        let both = states == [State::Connected; 2];
        if both {
            assert!(same_keys(&pair), "seed {seed}");
        }
        outcomes[usize::from(both)] += 1;
    }
    let [failed, connected] = outcomes;
    assert!(failed < connected, "{failed} handshakes failed, {connected} did not");
}

fn pending(end: &patchcord_dtls::Connection) -> bool {
    matches!(end.state(), State::New | State::Connecting)
}
