//! Relayed candidates.

use core::time::Duration;

use patchcord_ice::{
    AddRelayError, Address, Candidate, CandidateKind, CandidatePolicy, Config, Credentials, Event,
    GatheringState, RelayError, RelayId, Role, State,
};
use sansio::{Machine, Transport};
use turn::client::CloseReason;

use crate::scene::{address, at, ms};
use crate::world::{DELAY, Host, RELAY, SERVER, World, relay_at};

pub(crate) const TRANSPORTS: [Transport; 4] =
    [Transport::Udp, Transport::Dtls, Transport::Tcp, Transport::Tls];

/// Two hosts with an address each, and relays of one or both.
pub(crate) fn two(config: Config, relays: [Option<Transport>; 2]) -> World {
    let mut hosts =
        vec![Host::new(config, 1, Role::Controlling), Host::new(config, 2, Role::Controlled)];
    for (index, (host, relay)) in hosts.iter_mut().zip(relays).enumerate() {
        let text = format!("192.0.2.{}:5000", index + 1);
        host.agent.add_local_candidate(at(0), address(&text)).unwrap();
        if let Some(transport) = relay {
            let user = ["alice", "bob"][index];
            host.agent.add_relay(at(0), relay_at(transport, user)).unwrap();
        }
        host.agent.end_of_local_candidates(at(0));
    }
    World::new(hosts)
}

pub(crate) fn gathered(world: &World) -> bool {
    world.hosts.iter().all(|host| host.agent.gathering_state() == GatheringState::Complete)
}

pub(crate) fn completed(world: &World) -> bool {
    world.hosts.iter().all(|host| host.agent.state() == State::Completed)
}

/// Which of both sides' selected candidates are relayed.
fn relayed(world: &World) -> [bool; 2] {
    let selected = world.hosts[0].agent.selected_pair().expect("completed");
    [selected.local.kind, selected.remote.kind].map(|kind| kind == CandidateKind::Relayed)
}

pub(crate) fn converse(world: &mut World) {
    world.run_for(ms(200));
    for (from, to) in [(0, 1), (1, 0)] {
        let before = world.hosts[to].heard.len();
        // Lengths that do and do not need padding, and what looks like a channel's number.
        for data in [&b"@@@@ five hundred"[..], b"data", &[64; 1200]] {
            assert!(world.say(from, data));
        }
        world.run_for(ms(100));
        let heard: Vec<_> = world.hosts[to].heard.drain(before..).collect();
        assert_eq!(heard, [&b"@@@@ five hundred"[..], b"data", &[64; 1200]]);
    }
}

#[test]
fn gathering_waits_for_the_relay_and_signals_what_it_gives() {
    for transport in TRANSPORTS {
        let mut world = two(Config::default(), [Some(transport), None]);
        assert_eq!(world.hosts[0].agent.gathering_state(), GatheringState::Gathering);
        assert!(world.run_until(gathered, at(1000)));
        // Allocate, 401, Allocate, success; a round trip for TCP's handshake.
        let setup = if transport == Transport::Udp { 0 } else { 2 };
        assert_eq!(world.now, at(0) + (4 + setup) * DELAY, "{transport}");
        let (_, candidates) = world.hosts[0].agent.signalled();
        let [host, relay] = &candidates[..] else { panic!("{candidates:?}") };
        assert_eq!((host.kind, relay.kind), (CandidateKind::Host, CandidateKind::Relayed));
        let relayed = relay.socket_addr().unwrap();
        assert_eq!(relayed.ip(), address(SERVER).ip());
        assert_ne!(relayed.port(), address(SERVER).port());
        // What the server saw: RFC 8839 §5.1.
        assert_eq!(relay.related, Some(world.hosts[0].sockets[0].1.local));
        assert!(relay.priority < 1 << 24 && relay.priority > 0);
        assert!(world.hosts[0].events.contains(&Event::LocalCandidate(relay.clone())));
    }
}

#[test]
fn where_nothing_else_works_a_relay_on_either_side_or_on_both_does() {
    for relays in [[true, false], [false, true], [true, true]] {
        for transport in TRANSPORTS {
            let relays = relays.map(|relay| relay.then_some(transport));
            let mut world = two(Config::default(), relays);
            world.udp_is_blocked = true;
            assert!(world.run_until(gathered, at(1000)));
            world.signal();
            assert!(world.run_until(completed, at(5000)), "{relays:?} {world:#?}");
            let selected = relayed(&world);
            assert!(selected[0] || selected[1]);
            converse(&mut world);
            let (all, in_channels) = world.relayed;
            assert!(in_channels > 3 && in_channels < all, "{relays:?}: {all} {in_channels}");
        }
    }
}

#[test]
fn a_direct_path_is_preferred_and_found_at_once() {
    let mut world = two(Config::default(), [Some(Transport::Udp), Some(Transport::Udp)]);
    assert!(world.run_until(gathered, at(1000)));
    world.signal();
    let start = world.now;
    let routed = |world: &World| world.hosts.iter().all(|host| host.agent.route().is_some());
    assert!(world.run_until(routed, at(1000)));
    assert_eq!(world.now, start + 2 * DELAY, "one round trip");
    assert!(world.run_until(completed, at(5000)));
    assert_eq!(relayed(&world), [false, false]);
    converse(&mut world);
}

#[test]
fn nothing_but_relays_is_signalled_used_or_answered_when_the_policy_says_so() {
    let config = Config { policy: CandidatePolicy::Relay, ..Config::default() };
    let mut world = two(config, [Some(Transport::Udp), Some(Transport::Udp)]);
    // b has no such policy, and would like to go directly.
    let mut b = Host::new(Config::default(), 2, Role::Controlled);
    b.agent.add_local_candidate(at(0), address("192.0.2.2:5000")).unwrap();
    b.agent.end_of_local_candidates(at(0));
    world.hosts[1] = b;
    assert!(world.run_until(gathered, at(1000)));
    let (_, candidates) = world.hosts[0].agent.signalled();
    assert!(candidates.iter().all(|it| it.kind == CandidateKind::Relayed), "{candidates:?}");
    assert_eq!(candidates[0].related, Some(address("0.0.0.0:9")), "hidden too");
    world.signal();
    // Somebody told it where a is.
    let mut host = world.hosts[1].agent.local_candidates().next().unwrap().clone();
    host.address = Address::Ip(address("192.0.2.1:5000"));
    world.hosts[1].agent.add_remote_candidate(world.now, host);
    assert!(world.run_until(completed, at(10_000)));
    assert_eq!(relayed(&world), [true, false]);
    assert!(world.hosts[0].agent.candidate_pairs().all(|pair| pair.path.remote == address(SERVER)));
    assert!(world.hosts[0].agent.counters().discarded.unknown_local_address > 0);
    converse(&mut world);
}

#[test]
fn the_allocation_is_kept_alive_and_given_back() {
    let relay_kept = turn::server::Config {
        max_lifetime: Duration::from_secs(60),
        lifetime: Duration::from_secs(60),
        ..turn::server::Config::default()
    };
    let mut world = two(Config::default(), [Some(Transport::Udp), None]);
    world = World::with(world.hosts, relay_kept);
    world.udp_is_blocked = true;
    assert!(world.run_until(gathered, at(1000)));
    world.signal();
    assert!(world.run_until(completed, at(5000)));
    // Lifetime, permission (300 s) and channel (600 s) all have to be renewed.
    world.run_for(ms(1_300_000));
    assert!(completed(&world));
    converse(&mut world);
    assert_eq!(world.server.stats().allocations, 1);
    let (now, route) = (world.now, world.hosts[0].agent.route().unwrap());
    world.hosts[0].agent.close(now);
    assert!(world.say_along(0, route, b"goodbye"), "before the allocation goes");
    world.run_for(ms(100));
    assert_eq!(world.hosts[1].heard, [b"goodbye"]);
    assert_eq!(world.server.stats().allocations, 0);
}

#[test]
fn a_relay_that_is_of_no_use_is_told_and_does_not_hold_up_the_rest() {
    let wrong = patchcord_ice::RelayServer {
        id: RelayId(8),
        password: "wrong".into(),
        ..relay_at(Transport::Udp, "alice")
    };
    let mut world = two(Config::default(), [None, None]);
    world.tcp_is_blocked = true;
    let now = world.now;
    let a = &mut world.hosts[0].agent;
    a.add_relay(now, wrong).unwrap();
    a.add_relay(now, relay_at(Transport::Tcp, "alice")).unwrap();
    assert!(world.run_until(gathered, at(1000)));
    let failed = |relay, error| Event::RelayFailed { relay, error };
    let events = &world.hosts[0].events;
    assert!(events.contains(&failed(RELAY, RelayError::Unreachable)));
    let credentials = RelayError::Allocation(CloseReason::Credentials(401));
    assert!(events.contains(&failed(RelayId(8), credentials)), "{events:?}");
    assert!(world.hosts[0].sockets.is_empty(), "released");
    world.signal();
    assert!(world.run_until(completed, at(1000)));
    assert_eq!(relayed(&world), [false, false]);

    // A restart tries again, with the right password.
    world.tcp_is_blocked = false;
    let now = world.now;
    let a = &mut world.hosts[0].agent;
    a.set_relay_credentials(RelayId(8), "alice", "secret").unwrap();
    a.restart(now);
    assert_eq!(a.gathering_state(), GatheringState::Gathering);
    let end = now + ms(1000);
    assert!(world.run_until(gathered, end));
    let kinds: Vec<_> = world.hosts[0].agent.local_candidates().map(|it| it.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == CandidateKind::Relayed).count(), 2);
}

/// A call by a relay over TCP, whose server lets allocations move or not.
fn call_over_tcp(mobility: bool) -> World {
    let mut world = two(Config::default(), [Some(Transport::Tcp), None]);
    world = World::with(
        world.hosts,
        turn::server::Config { mobility, ..turn::server::Config::default() },
    );
    world.udp_is_blocked = true;
    assert!(world.run_until(gathered, at(1000)));
    world.signal();
    assert!(world.run_until(completed, at(5000)));
    world
}

fn told_unreachable(world: &World) -> usize {
    let told = Event::RelayFailed { relay: RELAY, error: RelayError::Unreachable };
    world.hosts[0].events.iter().filter(|event| **event == told).count()
}

#[test]
fn a_broken_connection_to_the_relay_is_made_anew_as_often_as_need_be() {
    let mut world = call_over_tcp(false);
    for hour in 0..8 {
        world.run_for(ms(3_600_000));
        let before = world.hosts[0].agent.signalled().1;
        world.break_streams(0);
        assert_eq!(world.hosts[0].agent.route(), None, "its candidate is gone");
        assert_ne!(world.hosts[0].agent.state(), State::Completed);
        let end = world.now + ms(500);
        assert!(world.run_until(gathered, end), "hour {hour}");
        let after = world.hosts[0].agent.signalled().1;
        assert_eq!(after.len(), before.len());
        assert_ne!(after, before, "another allocation");
        // The other side learns of it by its checks.
        let end = world.now + ms(5000);
        assert!(world.run_until(completed, end), "hour {hour}: {world:#?}");
        converse(&mut world);
    }
    assert_eq!((told_unreachable(&world), world.server.stats().allocations), (0, 1));
}

#[test]
fn an_allocation_that_can_move_outlives_its_connections() {
    let mut world = call_over_tcp(true);
    let before = world.hosts[0].agent.signalled().1;
    world.hosts[0].events.clear();
    for _ in 0..8 {
        world.run_for(ms(3_600_000));
        world.break_streams(0);
        assert_eq!(world.hosts[0].agent.route(), None, "nothing can be sent");
        let back = |world: &World| world.hosts[0].agent.route().is_some();
        let (broken, end) = (world.now, world.now + ms(500));
        assert!(world.run_until(back, end));
        // A handshake, a fresh nonce, the ticket.
        assert_eq!(world.now - broken, 6 * DELAY);
        converse(&mut world);
    }
    let stats = world.server.stats();
    assert_eq!((stats.allocated, stats.allocations), (1, 1), "none is left behind");
    assert_eq!(world.hosts[0].agent.signalled().1, before);
    let noticed =
        |event: &Event| matches!(event, Event::StateChanged(_) | Event::RelayFailed { .. });
    assert!(!world.hosts[0].events.iter().any(noticed), "{:?}", world.hosts[0].events);
}

#[test]
fn a_relay_that_cannot_be_reached_is_tried_ever_more_seldom_and_never_given_up() {
    for mobility in [true, false] {
        let mut world = call_over_tcp(mobility);
        world.run_for(ms(100_000));
        world.tcp_is_blocked = true;
        let broken = world.now;
        world.break_streams(0);
        let mut tries = Vec::new();
        while world.now < broken + ms(400_000) {
            let before = world.hosts[0].refused.len();
            let end = broken + ms(400_000);
            world.run_until(|world| world.hosts[0].refused.len() > before, end);
            tries.push(world.now - broken);
        }
        tries.pop();
        // At once, then 1 s, 2 s, 4 s … 60 s after each other, or up to a quarter more.
        let least = [1, 2, 4, 8, 16, 32].into_iter().chain(core::iter::repeat(60));
        let mut last = ms(0);
        for (at, least) in tries.iter().zip(least.map(|seconds| ms(1000 * seconds))) {
            let gap = *at - last;
            assert!(gap >= least && gap <= least + least / 4, "{gap:?} {least:?}: {tries:?}");
            last = *at;
        }
        assert!((8..=12).contains(&tries.len()), "{tries:?}");
        assert_eq!(told_unreachable(&world), 1, "once");
        world.tcp_is_blocked = false;
        let end = world.now + ms(76_000);
        let candidate = |world: &World| {
            let candidates = world.hosts[0].agent.signalled().1;
            candidates.iter().any(|it| it.kind == CandidateKind::Relayed)
        };
        assert!(world.run_until(candidate, end), "{mobility}");
        world.run_for(ms(76_000));
        // Consent has expired meanwhile.
        let now = world.now;
        world.hosts.iter_mut().for_each(|host| host.agent.restart(now));
        world.signal();
        let end = world.now + ms(5000);
        assert!(world.run_until(completed, end), "{mobility}");
        converse(&mut world);
    }
}

#[test]
fn the_other_side_may_move_as_often_as_it_likes() {
    let config = Config { policy: CandidatePolicy::Relay, ..Config::default() };
    let mut world = two(config, [Some(Transport::Udp), None]);
    assert!(world.run_until(gathered, at(1000)));
    let relayed = world.hosts[0].agent.signalled().1[0].socket_addr().unwrap();
    let host = world.hosts[0].agent.signalled().1[0].clone();
    let host = Candidate { kind: CandidateKind::Host, related: None, ..host };
    let ip = |n: u8, k: u8| core::net::IpAddr::from([198, 51, n, k]);
    for n in 0..60 {
        // Four addresses each time, at none of which anybody answers.
        let now = world.now;
        let agent = &mut world.hosts[0].agent;
        agent.restart(now);
        let credentials = Credentials::new(format!("ufrag{n}"), "p".repeat(22)).unwrap();
        agent.set_remote_credentials(now, credentials);
        for k in 1..=4 {
            let address = Address::Ip((ip(n, k), 5000).into());
            let candidate = Candidate { address, foundation: k.to_string().into(), ..host.clone() };
            agent.add_remote_candidate(now, candidate);
        }
        world.run_for(ms(15_000));
        assert!((1..=4).all(|k| world.reached.contains(&ip(n, k))), "move {n}");
    }
    // What nobody is at any more is not renewed.
    world.run_for(ms(600_000));
    let mut knock = |from: core::net::IpAddr| {
        let before = world.server.stats().not_permitted;
        world.fly(sansio::Path::udp((from, 5000).into(), relayed), b"hello".to_vec());
        world.run_for(ms(100));
        world.server.stats().not_permitted > before
    };
    assert!(knock(ip(58, 1)) && knock(ip(0, 1)), "let in for ever");
    assert!(!knock(ip(59, 1)), "a candidate still");
}

#[test]
fn a_relay_that_has_forgotten_our_keys_is_met_anew() {
    let mut world = two(Config::default(), [Some(Transport::Dtls), None]);
    world.udp_is_blocked = true;
    assert!(world.run_until(gathered, at(1000)));
    world.signal();
    assert!(world.run_until(completed, at(5000)));
    let before = world.hosts[0].sockets.clone();
    world.forget_keys(0);
    // Nobody says so. It is known when the next refresh is not answered.
    let another = |world: &World| {
        let sockets = &world.hosts[0].sockets;
        !sockets.is_empty() && *sockets != before && gathered(world)
    };
    let end = world.now + ms(700_000);
    assert!(world.run_until(another, end));
    let kinds = world.hosts[0].agent.local_candidates().map(|it| it.kind);
    assert!(kinds.into_iter().any(|kind| kind == CandidateKind::Relayed));
}

#[test]
fn relays_have_a_bound_and_names_a_limit() {
    let mut host = Host::new(Config { max_relays: 2, ..Config::default() }, 1, Role::Controlling);
    let mut add = |user: &str| host.agent.add_relay(at(0), relay_at(Transport::Udp, user));
    assert_eq!(add(&"x".repeat(600)), Err(AddRelayError::Username(600)));
    assert_eq!((add("alice"), add("alice")), (Ok(()), Ok(())));
    assert_eq!(add("alice"), Err(AddRelayError::TooMany(2)));
}

#[test]
fn a_closed_agent_gives_back_what_it_can_and_waits_for_nothing() {
    let mut world = two(Config::default(), [Some(Transport::Udp), Some(Transport::Tcp)]);
    assert!(world.run_until(gathered, at(1000)));
    world.signal();
    assert!(world.run_until(completed, at(2000)));
    let (now, mut buf) = (world.now, Vec::new());
    let agent = &mut world.hosts[0].agent;
    agent.close(now);
    assert!(agent.poll_transmit(now, &mut buf).is_some(), "a Refresh with lifetime 0");
    assert_eq!((agent.poll_transmit(now, &mut buf), agent.poll_timeout()), (None, None));
    // The other one's connection is gone before it can say anything.
    let Host { agent, sockets, .. } = &mut world.hosts[1];
    agent.close(now);
    agent.handle_closed(now, sockets[0].0);
    assert_eq!((agent.poll_transmit(now, &mut buf), agent.poll_timeout()), (None, None));
}

#[test]
fn a_relay_is_not_told_what_a_name_hides() {
    const NAME: &str = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local";
    for policy in [CandidatePolicy::All, CandidatePolicy::Relay] {
        let config = Config { policy, ..Config::default() };
        let mut world = two(config, [Some(Transport::Udp), Some(Transport::Udp)]);
        assert!(world.run_until(gathered, at(1000)));
        let (credentials, candidates) = world.hosts[1].agent.signalled();
        let now = world.now;
        let agent = &mut world.hosts[0].agent;
        agent.set_remote_credentials(now, credentials);
        for told in candidates {
            let address = Address::Name { name: NAME.into(), port: 5000 };
            agent.add_remote_candidate(now, Candidate { address, ..told });
        }
        agent.resolve_name(now, NAME, &[address("192.0.2.2:0").ip()]);
        let locals: Vec<_> = agent.candidate_pairs().map(|pair| pair.local.kind).collect();
        let asks = core::iter::from_fn(|| agent.poll_event())
            .any(|event| matches!(event, Event::NameToResolve(_)));
        match policy {
            CandidatePolicy::Relay => assert_eq!((locals, asks), (vec![], false)),
            _ => assert_eq!((locals, asks), (vec![CandidateKind::Host], true)),
        }
    }
}
