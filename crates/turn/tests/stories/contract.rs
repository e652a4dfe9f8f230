//! Both machines keep the contract of all machines.

use core::time::Duration;

use patchcord_turn::client::Config;
use sansio::Transport;
use testkit::{LinkConfig, Pair, contract};

use crate::scene::{PEER, Scene, at, caller, host, server_config};

fn build() -> Scene {
    let link = LinkConfig { loss: 0.1, ..LinkConfig::delayed(Duration::from_millis(20)) };
    Pair::new(caller(Config::default(), Transport::Udp, 3), host(server_config(), 3), link, 3)
}

fn script(scene: &mut Scene) {
    scene.a.client.bind(at(PEER)).unwrap_or_else(|error| unreachable!("{error}"));
    for _ in 0..20 {
        scene.a.say(PEER, b"word");
        scene.run_for(Duration::from_secs(60));
    }
    scene.a.client.close(scene.now);
    scene.run_for(Duration::from_secs(60));
}

#[test]
fn a_run_replays_from_its_seed() {
    contract::replays(build, script);
}

#[test]
fn spurious_timeouts_change_nothing() {
    let build = || {
        let link = LinkConfig::delayed(Duration::from_millis(20));
        Pair::new(caller(Config::default(), Transport::Udp, 3), host(server_config(), 3), link, 3)
    };
    contract::spurious_timeouts_change_nothing(build, script);
}
