//! What every machine keeps.

use testkit::{LinkConfig, Pair, contract};

use crate::scene::{Host, Hosts, ms, scene, signal};

fn build() -> Pair<Host, Host> {
    let link = LinkConfig { loss: 0.1, jitter: ms(20), ..LinkConfig::delayed(ms(40)) };
    scene(
        link,
        5,
        &["192.0.2.1:5000", "[2001:db8::1]:5000"],
        &["198.51.100.1:6000", "[2001:db8::2]:6000"],
    )
}

fn script(pair: &mut Hosts) {
    signal(pair);
    pair.run_for(ms(60_000));
    pair.a.restart(pair.now);
    pair.b.restart(pair.now);
    signal(pair);
    pair.run_for(ms(60_000));
    pair.a.close(pair.now);
    pair.run_for(ms(60_000));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    contract::replays(build, script);
}

#[test]
fn spurious_timeouts_change_nothing() {
    contract::spurious_timeouts_change_nothing(build, script);
}

#[test]
fn damaged_copies_change_nothing() {
    contract::damaged_copies_change_nothing(build, script);
}
