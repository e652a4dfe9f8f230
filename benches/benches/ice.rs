//! ICE: a check answered (the work of a consent check on each side), application data let
//! through, and two agents from their descriptions to a nominated pair.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ice::{Agent, Config, Role, State};
use sansio::{Datagram, Instant, Machine, Path};
use testkit::SeededRng;

const NOW: Instant = Instant::from_millis(1000);

fn agent(seed: u64, role: Role, addresses: u8) -> Agent {
    let mut agent = Agent::new(Config::default(), Box::new(SeededRng::new(seed)));
    agent.set_role(NOW, role);
    for n in 0..addresses {
        let last = 10 * n + u8::from(role == Role::Controlled);
        let added = agent.add_local_candidate(NOW, ([192, 0, 2, last], 5000).into());
        assert!(added.is_ok());
    }
    agent.end_of_local_candidates(NOW);
    agent
}

/// Two agents that know each other's descriptions.
fn described(addresses: u8) -> [Agent; 2] {
    let mut agents =
        [agent(1, Role::Controlling, addresses), agent(2, Role::Controlled, addresses)];
    let signalled = [agents[1].signalled(), agents[0].signalled()];
    for (agent, (credentials, candidates)) in agents.iter_mut().zip(signalled) {
        agent.set_remote_credentials(NOW, credentials);
        for candidate in candidates {
            agent.add_remote_candidate(NOW, candidate);
        }
        agent.end_of_remote_candidates(NOW);
    }
    agents
}

/// Carries datagrams back and forth until there are none.
fn settle(now: Instant, agents: &mut [Agent; 2], buf: &mut Vec<u8>) -> usize {
    let mut carried = 0;
    loop {
        let before = carried;
        for from in [0, 1] {
            buf.clear();
            while let Some(transmit) = agents[from].poll_transmit(now, buf) {
                let datagram = Datagram::new(transmit.path.reversed(), now, buf);
                // Responses to checks that became needless meanwhile are discarded.
                let _ = agents[1 - from].handle_input(now, datagram);
                buf.clear();
                carried += 1;
            }
        }
        if carried == before {
            return carried;
        }
    }
}

fn ice(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ice");
    let mut buf = Vec::new();

    for addresses in [1, 4] {
        group.bench_function(format!("connect {addresses} to {addresses}"), |b| {
            b.iter_batched_ref(
                || described(addresses),
                |agents| {
                    settle(NOW, agents, &mut buf);
                    assert!(agents.iter().all(|agent| agent.state() == State::Completed));
                },
                BatchSize::SmallInput,
            );
        });
    }

    let mut agents = described(1);
    settle(NOW, &mut agents, &mut buf);
    let mut now = NOW;
    group.bench_function("consent check and answer", |b| {
        b.iter(|| {
            let due = agents[0].poll_timeout().into_iter().chain(agents[1].poll_timeout()).min();
            now = due.unwrap_or(now);
            assert_eq!(settle(now, &mut agents, &mut buf), 2);
        });
    });

    let path: Path = agents[0].route().map(|route| route.path).unwrap_or_else(|| unreachable!());
    let mut data = [200; 1200];
    group.bench_function("unwrap", |b| {
        b.iter(|| {
            let datagram = Datagram::new(path, now, black_box(&mut data));
            agents[0].unwrap(now, datagram).is_ok()
        });
    });
    group.bench_function("poll_transmit, nothing due", |b| {
        b.iter(|| agents[0].poll_transmit(black_box(now), &mut buf).is_none());
    });
    group.finish();
}

criterion_group!(benches, ice);
criterion_main!(benches);
