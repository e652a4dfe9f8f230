//! Relays with several addresses, and with none that is known here.

use core::time::Duration;

use patchcord_ice::{
    AddRelayError, CandidateKind, Config, Destination, Event, GatheringState, RelayServer, Role,
};
use sansio::Transport;

use crate::relay::{TRANSPORTS, completed, converse, gathered, two};
use crate::scene::{address, at, ms};
use crate::world::{DELAY, Host, NOBODY, PROXY, RELAY, SERVER, relay_at};

/// The next address is tried as soon as this one has not answered in time, or has refused.
#[test]
fn a_server_with_several_addresses_is_tried_at_each_of_them() {
    for transport in TRANSPORTS {
        for (count, given) in [(1, true), (2, true), (2, false)] {
            let mut world = two(Config::default(), [None, None]);
            let mut relay = relay_at(transport, "alice");
            relay.addresses = vec![address(NOBODY); count];
            relay.addresses.extend(given.then_some(address(SERVER)));
            let agent = &mut world.hosts[0].agent;
            agent.add_relay(at(0), relay).unwrap();
            assert!(world.run_until(gathered, at(60_000)));
            let (silent, answered) =
                (if transport == Transport::Udp { 3500 } else { 0 }, 4 * DELAY);
            let setup = if transport == Transport::Udp { Duration::ZERO } else { 2 * DELAY };
            if given {
                let waited = ms(silent * u64::try_from(count).unwrap());
                assert_eq!(world.now, at(0) + waited + setup + answered, "{transport}");
            }
            let Host { agent, events, sockets, .. } = &world.hosts[0];
            let mut kinds = agent.local_candidates().map(|candidate| candidate.kind);
            assert_eq!(kinds.any(|kind| kind == CandidateKind::Relayed), given, "{transport}");
            let failures = events.iter().filter(|it| matches!(it, Event::RelayFailed { .. }));
            assert_eq!((failures.count(), sockets.len()), if given { (0, 1) } else { (1, 0) });
            // Gathering was complete before there was a relay, and then waits for the last address.
            let complete = Event::GatheringStateChanged(GatheringState::Complete);
            assert_eq!(events.iter().filter(|event| **event == complete).count(), 2);
        }
    }
}

#[test]
fn a_server_whose_address_is_not_known_here_is_reached_by_whom_the_shell_asks() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let mut world = two(Config::default(), [None, None]);
        world.udp_is_blocked = true;
        let relay = RelayServer { addresses: vec![], ..relay_at(transport, "alice") };
        let now = world.now;
        world.hosts[0].agent.add_relay(now, relay).unwrap();
        assert!(world.run_until(gathered, at(1000)));
        let wanted = world.hosts[0].events.iter().find_map(|event| match event {
            Event::SocketWanted(wanted) => Some(wanted.to),
            _ => None,
        });
        assert_eq!(wanted, Some(Destination::Relay(RELAY)));
        world.signal();
        assert!(world.run_until(completed, at(5000)));
        // The 5-tuple on the wire leads to the proxy.
        let route = world.hosts[0].agent.route().unwrap();
        assert_eq!((route.path.remote, route.path.transport), (address(PROXY), transport));
        converse(&mut world);
    }
    let mut host = Host::new(Config::default(), 1, Role::Controlling);
    let nowhere = RelayServer { addresses: vec![], ..relay_at(Transport::Udp, "alice") };
    assert_eq!(host.agent.add_relay(at(0), nowhere), Err(AddRelayError::NoAddress));
}
