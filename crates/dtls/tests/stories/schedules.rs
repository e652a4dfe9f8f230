//! Handshakes under random schedules: datagrams that are late, repeated, lost, cut short, damaged, and
//! those of somebody else between them.

use std::time::Duration;

use patchcord_dtls::{Connection, Role, State, Versions};
use sansio::{Instant, Machine};
use testkit::SeededRng;

use crate::support::{config, connection, is_connected, opened};

const VERSIONS: [[Versions; 2]; 5] = [
    [Versions::Dtls12, Versions::Dtls12],
    [Versions::Dtls13, Versions::Dtls13],
    [Versions::Both, Versions::Dtls12],
    [Versions::Dtls12, Versions::Both],
    [Versions::Both, Versions::Both],
];

/// Two ends, what is under way to each of them, and chance.
struct Run {
    ends: [Connection; 2],
    wires: [Vec<Vec<u8>>; 2],
    rng: SeededRng,
    now: Instant,
}

impl Run {
    fn new(seed: u64) -> Self {
        let versions = VERSIONS[seed as usize % VERSIONS.len()];
        let end = |role, versions| {
            let mtu = if seed.is_multiple_of(3) { 256 } else { 1184 };
            let config = patchcord_dtls::Config { mtu, ..config(role, versions) };
            connection(&config, role, seed)
        };
        let ends = [end(Role::Client, versions[0]), end(Role::Server, versions[1])];
        let (wires, rng) = (Default::default(), SeededRng::new(seed));
        Self { ends, wires, rng, now: Instant::ZERO }
    }

    /// Everything that both have to say is under way.
    fn pull(&mut self) {
        for (from, end) in self.ends.iter_mut().enumerate() {
            let mut datagram = Vec::new();
            while end.poll_transmit(self.now, &mut datagram).is_some() {
                self.wires[1 - from].push(core::mem::take(&mut datagram));
            }
        }
    }

    /// Something happens. `foreign` are datagrams of another pair.
    fn step(&mut self, foreign: &[Vec<u8>]) {
        self.pull();
        let to = self.rng.below(2) as usize;
        let fate = self.rng.below(12);
        if fate == 0 || self.wires[to].is_empty() {
            self.now += Duration::from_millis(self.rng.below(200));
            self.ends.iter_mut().for_each(|end| end.handle_timeout(self.now));
            return;
        }
        let at = self.rng.below(self.wires[to].len() as u64) as usize;
        let mut datagram = self.wires[to][at].clone();
        let len = datagram.len() as u64;
        match fate {
            2 => datagram.truncate(self.rng.below(len) as usize),
            3 => datagram[self.rng.below(len) as usize] ^= 1 << self.rng.below(8),
            4 => datagram.clone_from(&foreign[self.rng.below(foreign.len() as u64) as usize]),
            // Arrives, and may come again.
            5 => {}
            // Arrives, or is lost.
            _ => drop(self.wires[to].remove(at)),
        }
        if fate != 1 {
            for outcome in opened(&mut self.ends[to], self.now, &datagram) {
                assert!(!matches!(outcome, Ok(Some(_))), "nobody has sent data");
            }
        }
    }

    fn is_over(&self) -> bool {
        self.ends.iter().all(|end| is_connected(end) || end.close_reason().is_some())
    }

    fn exported(&self) -> [Vec<u8>; 2] {
        [&self.ends[0], &self.ends[1]].map(|end| {
            let mut keys = vec![0; 40];
            end.export_keying_material("EXPERIMENTAL", None, &mut keys).expect("connected");
            keys
        })
    }
}

/// Datagrams of both ends of a handshake that went well.
fn foreign(seed: u64) -> Vec<Vec<u8>> {
    let mut run = Run::new(seed);
    let mut all = Vec::new();
    while !run.is_over() {
        run.pull();
        for to in 0..2 {
            for datagram in core::mem::take(&mut run.wires[to]) {
                opened(&mut run.ends[to], run.now, &datagram);
                all.push(datagram);
            }
        }
    }
    all
}

#[test]
fn whatever_happens_both_have_the_same_keys_or_a_reason() {
    let (mut connected, mut closed) = (0, 0);
    for seed in 0..120 {
        let mut run = Run::new(seed);
        let foreign = foreign(seed + 1000);
        for _ in 0..400 {
            run.step(&foreign);
        }
        for _ in 0..4000 {
            if run.is_over() {
                break;
            }
            run.pull();
            for to in 0..2 {
                for datagram in core::mem::take(&mut run.wires[to]) {
                    opened(&mut run.ends[to], run.now, &datagram);
                }
            }
            run.now += Duration::from_millis(20);
            run.ends.iter_mut().for_each(|end| end.handle_timeout(run.now));
        }
        assert!(run.is_over(), "seed {seed}: {:?}", run.ends.each_ref().map(Connection::state));
        let states = run.ends.each_ref().map(Connection::state);
        if states == [State::Connected; 2] {
            let [one, other] = run.exported();
            assert!(one == other, "seed {seed}");
            connected += 1;
        } else {
            closed += 1;
        }
    }
    // Before the handshake is protected, a stranger's hello or a damaged one can end it.
    assert!(connected > 30 && closed > 0, "{connected} connected, {closed} closed");
}
