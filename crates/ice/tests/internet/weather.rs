//! Any two networks, on wires that lose, double, spoil and mix up one datagram in ten.

use patchcord_ice::{Config, State};
use testkit::internet::{Internet, Place};
use testkit::{LinkConfig, SeededRng};

use crate::homes::{Kind, Scene, converse, ms};
use crate::host::Host;

/// Makes all wires to hosts and to the relay as bad as this one.
fn set_weather(scene: &mut Scene, weather: LinkConfig) {
    let places: Vec<Place> = scene.hosts.into_iter().chain([scene.relay]).collect();
    for place in places {
        let wires = [scene.net.up(place).delay, scene.net.down(place).delay];
        *scene.net.up(place) = LinkConfig { delay: wires[0], ..weather };
        *scene.net.down(place) = LinkConfig { delay: wires[1], ..weather };
    }
}

#[test]
fn any_two_networks_connect_on_bad_wires() {
    let bad = LinkConfig {
        jitter: ms(10),
        loss: 0.1,
        duplicate: 0.1,
        reorder: 0.1,
        corrupt: 0.02,
        ..LinkConfig::default()
    };
    let (kinds, mut rng) = (Kind::all(), SeededRng::new(1));
    let mut any = || kinds[rng.below(kinds.len() as u64) as usize];
    let mut times = Vec::new();
    for seed in 0..200 {
        let pair = [any(), any()];
        let mut scene = Scene::new(pair, Config::default(), seed);
        set_weather(&mut scene, bad);
        scene.gather();
        scene.signal();
        let (start, hosts) = (scene.net.now, scene.hosts);
        let both = |net: &mut Internet<Host>, is_it: fn(&Host) -> bool| {
            hosts.into_iter().all(|host| is_it(&net[host]))
        };
        let can_send = |host: &Host| host.agent.route().is_some();
        let connected = scene.net.run_until(|net| both(net, can_send), ms(20_000));
        assert!(connected, "seed {seed}: {pair:?}");
        times.push(scene.net.now - start);
        // A nomination that was lost again and again is repeated ever more seldom.
        set_weather(&mut scene, LinkConfig::default());
        let is_done = |host: &Host| host.agent.state() == State::Completed;
        let done = scene.net.run_until(|net| both(net, is_done), ms(40_000));
        assert!(done, "seed {seed}: {pair:?}");
        // What streams have lost is still under way.
        scene.net.run_for(ms(1000));
        converse(&mut scene);
    }
    times.sort_unstable();
    let part = |of_hundred: usize| times[(times.len() - 1) * of_hundred / 100];
    // The third of checks comes 1.5 s after the first.
    let [half, all] = [50, 100].map(part);
    assert!(half < ms(500) && all < ms(5000), "{half:?}, {all:?}");
}
