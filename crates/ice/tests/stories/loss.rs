//! Links that lose, reorder, repeat and damage datagrams: hundreds of seeds connect and agree.

use testkit::{LinkConfig, Schedule};

use crate::scene::{agree, completed, ms, scene, signal, simple_scene};

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

#[test]
fn connects_and_agrees_over_bad_links() {
    for seed in 0..400 {
        let mut pair = simple_scene(bad_link(seed), seed);
        if seed % 2 == 1 {
            pair.schedule = Schedule::sloppy();
        }
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(20_000)), "seed {seed}");
        assert!(agree(&pair), "seed {seed}");
        pair.run_for(ms(1000));
        assert!(agree(&pair), "seed {seed}");
    }
}

#[test]
fn many_pairs_connect_and_agree_over_bad_links() {
    let a = ["192.0.2.1:5000", "192.0.2.2:5000", "[2001:db8::1]:5000"];
    let b = ["198.51.100.1:6000", "198.51.100.2:6000", "[2001:db8::2]:6000"];
    for seed in 0..300 {
        let mut pair = scene(bad_link(seed), seed, &a, &b);
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(30_000)), "seed {seed}");
        assert!(agree(&pair), "seed {seed}");
    }
}

#[test]
fn stays_connected_for_ten_minutes_over_bad_links() {
    for seed in 0..40 {
        let mut pair = simple_scene(bad_link(seed), seed);
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(20_000)), "seed {seed}");
        pair.run_for(ms(600_000));
        assert!(pair.a.route().is_some() && pair.b.route().is_some(), "seed {seed}");
    }
}
