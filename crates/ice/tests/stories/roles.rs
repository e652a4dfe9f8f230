//! Role conflicts.

use patchcord_ice::{Config, Event, Role};
use testkit::{LinkConfig, Pair};

use crate::scene::{A, B, agree, completed, host, ms, signal};

#[test]
fn conflicts_are_settled_whoever_is_mistaken() {
    for role in [Role::Controlling, Role::Controlled] {
        let (mut controlling_a, mut seeds) = (0, 0);
        for seed in 0..50 {
            let a = host(Config::default(), 2 * seed, role, &[A]);
            let b = host(Config::default(), 2 * seed + 1, role, &[B]);
            let mut pair = Pair::new(a, b, LinkConfig::delayed(ms(20)), seed);
            signal(&mut pair);
            assert!(pair.run_until(completed, ms(1000)), "{role:?} {seed}");
            assert!(agree(&pair), "{role:?} {seed}");
            assert_eq!(pair.a.role(), pair.b.role().opposite());
            let changed = |event: &&Event| matches!(event, Event::RoleChanged(_));
            let changes = pair.a_events.iter().chain(&pair.b_events).filter(changed).count();
            assert_eq!(changes, 1, "one of them gives way: {role:?} {seed}");
            controlling_a += u32::from(pair.a.role() == Role::Controlling);
            seeds += 1;
        }
        assert!((10..40).contains(&controlling_a), "chance decides: {controlling_a} of {seeds}");
    }
}

#[test]
fn conflicts_are_settled_over_bad_links() {
    for seed in 0..100 {
        let role = if seed % 2 == 0 { Role::Controlling } else { Role::Controlled };
        let a = host(Config::default(), 2 * seed, role, &[A, "192.0.2.2:5000"]);
        let b = host(Config::default(), 2 * seed + 1, role, &[B, "198.51.100.2:6000"]);
        let link = LinkConfig {
            loss: 0.15,
            jitter: ms(30),
            reorder: 0.2,
            reorder_by: ms(50),
            ..LinkConfig::delayed(ms(20))
        };
        let mut pair = Pair::new(a, b, link, seed);
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(30_000)), "{seed}");
        assert!(agree(&pair), "{seed}");
    }
}
