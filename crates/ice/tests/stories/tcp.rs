//! TCP candidates, RFC 6544.

use patchcord_ice::{Candidate, Config, Event, Role, State, TcpType};
use sansio::{Machine, Transport};

use crate::scene::{address, at, ms};
use crate::world::{DELAY, Host, World};

/// Two hosts with a UDP address, and a TCP candidate of these types each.
fn two(types: [TcpType; 2]) -> World {
    two_with(Config::default(), types)
}

fn two_with(config: Config, types: [TcpType; 2]) -> World {
    let mut hosts =
        vec![Host::new(config, 1, Role::Controlling), Host::new(config, 2, Role::Controlled)];
    for (index, (host, tcp_type)) in hosts.iter_mut().zip(types).enumerate() {
        let text = format!("192.0.2.{}:5000", index + 1);
        host.agent.add_local_candidate(at(0), address(&text)).unwrap();
        host.agent.add_tcp_candidate(at(0), tcp_type, address(&text)).unwrap();
        host.agent.add_tcp_candidate(at(0), tcp_type, address(&text)).unwrap();
        host.agent.end_of_local_candidates(at(0));
    }
    World::new(hosts)
}

fn completed(world: &World) -> bool {
    world.hosts.iter().all(|host| host.agent.state() == State::Completed)
}

fn converse(world: &mut World) {
    for (from, to) in [(0, 1), (1, 0)] {
        assert!(world.say(from, b"over tcp"));
        world.run_for(ms(50));
        assert_eq!(world.hosts[to].heard.pop().unwrap(), b"over tcp");
    }
}

fn of_tcp(world: &World, host: usize) -> Candidate {
    let (_, candidates) = world.hosts[host].agent.signalled();
    candidates.into_iter().find(|it| it.transport == Transport::Tcp).unwrap()
}

#[test]
fn where_udp_is_blocked_streams_carry_the_datagrams() {
    use TcpType::{Active, Passive};
    for types in [[Active, Passive], [Passive, Active]] {
        let mut world = two(types);
        world.udp_is_blocked = true;
        world.signal();
        assert!(world.run_until(completed, at(3000)), "{types:?}");
        let selected = world.hosts[0].agent.selected_pair().unwrap();
        assert_eq!(selected.path.transport, Transport::Tcp);
        // TCP's handshake, then the check; the pair over UDP has the first turn.
        converse(&mut world);
        world.run_for(ms(60_000));
        assert!(completed(&world), "consent goes on");
        let sent = world.hosts.iter().flat_map(|host| &host.sockets);
        assert_eq!(sent.count(), 1, "one stream");
    }
}

#[test]
fn udp_is_preferred_and_then_no_stream_is_opened_or_kept() {
    let mut world = two([TcpType::Active, TcpType::Passive]);
    world.signal();
    assert!(world.run_until(completed, at(3000)));
    let selected = world.hosts[0].agent.selected_pair().unwrap();
    assert_eq!(selected.path.transport, Transport::Udp);
    world.run_for(ms(1000));
    assert!(world.hosts.iter().all(|host| host.sockets.is_empty()));
}

#[test]
fn an_active_candidate_signals_the_port_of_nobody() {
    let world = two([TcpType::Active, TcpType::Passive]);
    let (active, passive) = (of_tcp(&world, 0), of_tcp(&world, 1));
    assert_eq!(active.socket_addr(), Some(address("192.0.2.1:9")));
    assert_eq!(passive.socket_addr(), Some(address("192.0.2.2:5000")));
    assert!(active.priority > passive.priority);
    let udp = world.hosts[1].agent.local_candidates().next().unwrap();
    assert!(udp.priority > active.priority);
}

#[test]
fn those_who_cannot_connect_to_each_other_do_not_try() {
    for tcp_type in [TcpType::Active, TcpType::Passive] {
        let mut world = two([tcp_type, tcp_type]);
        world.udp_is_blocked = true;
        world.signal();
        world.run_for(ms(100_000));
        assert!(world.hosts.iter().all(|host| host.agent.state() == State::Failed));
        let wanted = |event: &Event| matches!(event, Event::SocketWanted(_));
        assert!(!world.hosts.iter().flat_map(|host| &host.events).any(wanted));
    }
}

#[test]
fn a_stream_that_cannot_be_had_is_a_pair_that_fails() {
    let mut world = two([TcpType::Active, TcpType::Passive]);
    (world.udp_is_blocked, world.tcp_is_blocked) = (true, true);
    world.signal();
    world.run_for(ms(100_000));
    assert_eq!(world.hosts[0].agent.state(), State::Failed);
    assert_eq!(world.hosts[0].refused.len(), 1, "once");
}

#[test]
fn a_stream_that_breaks_ends_its_pair_on_both_sides() {
    let mut world = two([TcpType::Active, TcpType::Passive]);
    world.udp_is_blocked = true;
    world.signal();
    assert!(world.run_until(completed, at(3000)));
    world.break_streams(0);
    assert_eq!(world.hosts[0].agent.route(), None);
    world.run_for(DELAY);
    assert_eq!(world.hosts[1].agent.route(), None);
    assert!(!completed(&world));
}

#[test]
fn a_stream_that_is_being_connected_carries_no_check_yet() {
    // Checks of UDP and TCP go 10 ms apart. UDP works after 40 ms, and is withdrawn at once.
    let config = Config { pace: ms(10), ..Config::default() };
    let mut world = two_with(config, [TcpType::Active, TcpType::Passive]);
    world.signal();
    assert!(world.run_until(|world| world.hosts[0].agent.route().is_some(), at(1000)));
    assert_eq!((world.now, world.hosts[0].sockets.len()), (at(40), 1));
    let udp = world.hosts[1].agent.local_candidates().next().unwrap().clone();
    let agent = &mut world.hosts[0].agent;
    agent.remove_remote_candidate(world.now, &udp);
    let mut buf = Vec::new();
    for now in [40, 50, 60].map(at) {
        agent.handle_timeout(now);
        assert_eq!(agent.poll_transmit(now, &mut buf), None, "the stream stands at 50 ms");
    }
    assert!(world.run_until(|world| world.hosts[0].agent.route().is_some(), at(1000)));
    let route = world.hosts[0].agent.route().unwrap();
    assert_eq!(route.path.transport, Transport::Tcp);
}
