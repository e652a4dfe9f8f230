//! Links that lose, reorder, repeat and damage datagrams: hundreds of seeds connect and agree.

use patchcord_ice::State;
use testkit::LinkConfig;

use crate::scene::{Agents, agree, ms, signal, simple_scene};

fn bad_link(seed: u64) -> LinkConfig {
    let percent = |n: u64| n as f64 / 100.0;
    LinkConfig {
        loss: percent(1 + seed % 20),
        reorder: percent(seed % 7 * 5),
        reorder_by: ms(80),
        duplicate: percent(seed % 5 * 4),
        corrupt: percent(seed % 3 * 3),
        jitter: ms(seed % 4 * 10),
        ..LinkConfig::delayed(ms(1 + seed * 7 % 150))
    }
}

fn done(pair: &mut Agents) -> bool {
    pair.a.state() == State::Completed && pair.b.state() == State::Completed
}

#[test]
fn connects_and_agrees_over_bad_links() {
    for seed in 0..400 {
        let mut pair = simple_scene(bad_link(seed), seed);
        signal(&mut pair);
        assert!(pair.run_until(done, ms(40_000)), "seed {seed}: {:?}", pair.a);
        assert!(agree(&pair), "seed {seed}");
        pair.run_for(ms(1000));
        assert!(agree(&pair), "seed {seed}");
    }
}
