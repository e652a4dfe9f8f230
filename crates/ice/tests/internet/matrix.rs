//! Every kind of network with every other: all connect, by a relay only where nothing else can work,
//! and as soon as theory lets expect. The table lies beside this file.

use core::fmt::Write as _;
use core::time::Duration;
use std::path::Path;

use patchcord_ice::{Config, Role};

use crate::homes::{Kind, Scene, connect, converse};
use crate::theory::{Expected, RTT, Side, expect};

/// Set to anything, the table is written anew.
const UPDATE: &str = "UPDATE_NAT_MATRIX";

/// What happened between two networks.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// When each side could send.
    connected: [Duration; 2],
    relayed: bool,
}

fn expected(scene: &Scene) -> Expected {
    let roles = [Role::Controlling, Role::Controlled];
    let candidates = scene.hosts.map(|host| scene.net[host].agent.signalled().1);
    let sides = [0, 1].map(|side| Side {
        kind: scene.kinds[side],
        role: roles[side],
        candidates: &candidates[side],
    });
    expect([&sides[0], &sides[1]])
}

/// Connects the two, lets them converse, and compares with theory.
fn outcome(a: Kind, b: Kind) -> Outcome {
    let name = format!("{} - {}", a.name(), b.name());
    let mut scene = Scene::new([a, b], Config::default(), 1);
    scene.gather();
    let expected = expected(&scene);
    scene.signal();
    let start = scene.net.now;
    let (connected, relayed) = connect(&mut scene);
    // Later would be worse than theory, and earlier would refute it.
    assert_eq!(connected, expected.connected, "{name}");
    // The choice: `Config::nomination_patience`, a round trip, and the check of the other side.
    let chosen = scene.net.now - start;
    assert!(chosen <= connected[0] + 2 * RTT + 2 * RTT, "{name}: {chosen:?}");
    assert_eq!(relayed, !expected.direct, "{name}: relayed");
    converse(&mut scene);
    Outcome { connected, relayed }
}

fn table() -> String {
    let kinds = Kind::all();
    let mut out = String::from(
        "# How long it takes to connect\n\n\
         Written by `tests/internet/matrix.rs`. In round trips from the moment at which both sides\n\
         have both descriptions: when both can send, `/` when the first of them can; RTT 100 ms, Ta\n\
         50 ms, one host and one relayed candidate each, a reflexive one behind NATs. **r**: by a\n\
         relay, since nothing else can work. NATs are named by mapping/filtering: `any` is\n\
         endpoint-independent, `addr` address-dependent, `port` address-and-port-dependent.\n\
         The side on the left is controlling.\n\n",
    );
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    let _ = writeln!(out, "| | {} |", names.join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(kinds.len()));
    for a in &kinds {
        let _ = write!(out, "| **{}** |", a.name());
        for b in &kinds {
            let Outcome { connected, relayed } = outcome(*a, *b);
            let [first, last] = [connected.iter().min(), connected.iter().max()]
                .map(|time| time.unwrap().as_secs_f64() / RTT.as_secs_f64());
            let way = if relayed { " **r**" } else { "" };
            let _ = write!(out, " {last:.1}/{first:.1}{way} |");
        }
        out.push('\n');
    }
    out
}

#[test]
fn every_pair_of_networks_connects_as_soon_as_it_can() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/internet/nat_matrix.md");
    let table = table();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        known == table,
        "the table has changed; if that is meant, run this test with {UPDATE}=1 and look at the \
         difference:\n{table}"
    );
}

#[test]
fn without_filters_the_first_pair_is_valid_after_one_round_trip() {
    let Outcome { connected, relayed } = outcome(Kind::Open, Kind::Open);
    assert_eq!((connected, relayed), ([RTT; 2], false));
}
