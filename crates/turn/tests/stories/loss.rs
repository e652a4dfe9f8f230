//! Over bad links everything comes to the same end, only later.

use core::time::Duration;

use patchcord_turn::client::{Config, State};
use sansio::Transport;
use testkit::{LinkConfig, Pair};

use crate::scene::{PEER, at, caller, host, server_config};

#[test]
fn a_bad_link_delays_and_breaks_nothing() {
    let link = LinkConfig {
        jitter: Duration::from_millis(30),
        loss: 0.25,
        duplicate: 0.2,
        reorder: 0.2,
        corrupt: 0.0,
        ..LinkConfig::delayed(Duration::from_millis(40))
    };
    let mut bound = 0;
    for seed in 0..150 {
        let a = caller(Config::default(), Transport::Udp, seed);
        let mut scene = Pair::new(a, host(server_config(), seed), link, seed);
        scene.a.client.bind(at(PEER)).unwrap();
        let done = |s: &mut Pair<_, _>| {
            let caller: &crate::scene::Caller = &s.a;
            caller.client.is_bound(at(PEER)) || caller.client.state() == State::Closed
        };
        scene.run_until(done, Duration::from_secs(200));
        bound += usize::from(scene.a.client.is_bound(at(PEER)));
        let stats = scene.b.server.stats();
        assert!(stats.allocated <= 1 && stats.allocations <= 1, "seed {seed}: {stats:?}");
        // Whatever was heard of late or twice, the allocation is given back in the end.
        scene.a.client.close(scene.now);
        scene.run_for(Duration::from_secs(700));
        assert_eq!(scene.b.server.stats().allocations, 0, "seed {seed}");
    }
    assert!(bound > 145, "{bound} of 150");
}

/// Flipped bits: integrity, or the shape of what is not protected, notices.
#[test]
fn a_link_that_falsifies_does_not_mislead() {
    let link = LinkConfig { corrupt: 0.3, ..LinkConfig::delayed(Duration::from_millis(40)) };
    for seed in 0..100 {
        let a = caller(Config::default(), Transport::Udp, seed);
        let mut scene = Pair::new(a, host(server_config(), seed), link, seed);
        scene.a.client.permit(at(PEER).ip()).unwrap();
        scene.run_for(Duration::from_secs(100));
        if let Some(relayed) = scene.a.client.relayed(patchcord_turn::AddressFamily::Ipv4) {
            let open = scene.b.open.iter().any(|relay| relay.local == relayed);
            assert!(open || scene.b.open.is_empty(), "seed {seed}");
        }
    }
}
