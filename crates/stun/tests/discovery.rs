//! Discovery of NAT behaviour (RFC 5780), run through simulated NATs of every kind: it reports what
//! they are.

#![cfg(test)]

extern crate patchcord_stun as stun;

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path, Transmit};
use stun::Schedule;
use stun::behavior::Dependence::{
    self, AddressAndPortDependent, AddressDependent, EndpointIndependent,
};
use stun::behavior::{Behavior, Discovery};
use testkit::SeededRng;
use testkit::internet::{Firewall, Host, Internet, Nat, Place, StunServer};

const KINDS: [Dependence; 3] = [EndpointIndependent, AddressDependent, AddressAndPortDependent];

/// A host that does nothing else.
struct Asker {
    discovery: Discovery,
    finished: Option<Instant>,
}

impl Asker {
    fn new(local: &str, server: SocketAddr, seed: u64) -> Self {
        let path = Path::udp(local.parse().unwrap(), server);
        let schedule = Schedule { rto: Duration::from_millis(100), requests: 3, patience: 4 };
        let discovery = Discovery::new(Instant::ZERO, path, schedule, SeededRng::boxed(seed));
        Self { discovery, finished: None }
    }
}

impl Host for Asker {
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) {
        let _late_answers_are_discarded = self.discovery.handle_input(now, input);
        if self.discovery.poll_event().is_some() {
            self.finished = Some(now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.discovery.handle_timeout(now);
        if self.discovery.poll_event().is_some() {
            self.finished = Some(now);
        }
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        self.discovery.poll_transmit(now, buf)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.discovery.poll_timeout()
    }
}

fn server() -> SocketAddr {
    "192.0.2.1:3478".parse().unwrap()
}

/// Discovers what is between the host at `local` in `network` and the servers.
fn discover(
    build: impl FnOnce(&mut Internet<Asker>) -> Place,
    local: &str,
    server: SocketAddr,
) -> (Behavior, Option<Instant>) {
    let mut net = Internet::new(1);
    let servers = StunServer::new("192.0.2.1", "192.0.2.2");
    net.stun_server(Place::CORE, Duration::ZERO, servers);
    let network = build(&mut net);
    let address = local.parse::<SocketAddr>().unwrap().ip().to_string();
    let host = Asker::new(local, server, 1);
    let host = net.host(network, Duration::from_millis(5), &[&address], host);
    assert!(net.run_until(|net| net[host].finished.is_some(), Duration::from_secs(60)));
    (net[host].discovery.behavior(), net[host].finished)
}

const WAY: Duration = Duration::from_millis(20);

#[test]
fn reports_what_the_nat_is() {
    for mapping in KINDS {
        for filtering in KINDS {
            for preserves_ports in [false, true] {
                let mut nat = Nat::new("203.0.113.1", mapping, filtering);
                nat.preserves_ports = preserves_ports;
                let (found, _) =
                    discover(|net| net.nat(Place::CORE, WAY, nat), "10.0.0.2:5000", server());
                assert_eq!(found.mapping, Some(mapping), "filtering {filtering:?}");
                assert_eq!(found.filtering, Some(filtering), "mapping {mapping:?}");
                let mapped = found.mapped.unwrap();
                assert_eq!(mapped.ip().to_string(), "203.0.113.1");
                assert_eq!(mapped.port() == 5000, preserves_ports);
            }
        }
    }
}

#[test]
fn an_open_host_needs_two_round_trips_to_know() {
    let (found, finished) = discover(|_| Place::CORE, "198.51.100.1:5000", server());
    let open = Behavior {
        mapped: Some("198.51.100.1:5000".parse().unwrap()),
        mapping: Some(EndpointIndependent),
        filtering: Some(EndpointIndependent),
    };
    assert_eq!((found, finished), (open, Some(Instant::from_millis(20))));
}

#[test]
fn of_two_nats_the_stricter_shows() {
    let table = [
        (EndpointIndependent, AddressAndPortDependent),
        (AddressDependent, EndpointIndependent),
        (AddressAndPortDependent, AddressDependent),
    ];
    for (home, carrier) in table {
        let (found, _) = discover(
            |net| {
                let carrier = net.nat(Place::CORE, WAY, Nat::new("203.0.113.1", carrier, home));
                net.nat(carrier, WAY, Nat::new("100.64.0.2", home, EndpointIndependent))
            },
            "10.0.0.2:5000",
            server(),
        );
        let rank = |kind| KINDS.iter().position(|other| *other == kind);
        let stricter = if rank(home) > rank(carrier) { home } else { carrier };
        assert_eq!((found.mapping, found.filtering), (Some(stricter), Some(home)));
        assert_eq!(found.mapped.unwrap().ip().to_string(), "203.0.113.1");
    }
}

#[test]
fn nat64_is_what_its_rfc_says() {
    let nat64 = |net: &mut Internet<Asker>| net.nat(Place::CORE, WAY, Nat::nat64("203.0.113.1"));
    let (found, _) = discover(nat64, "[2001:db8::2]:5000", Nat::synthesized(server()));
    assert_eq!(found.mapped.unwrap().ip().to_string(), "203.0.113.1");
    // The server's other address is of IPv4, which the host cannot ask: nothing more is known.
    assert_eq!((found.mapping, found.filtering), (None, None));
}

#[test]
fn firewalls_filter_and_do_not_map() {
    let office = |net: &mut Internet<Asker>| net.firewall(Place::CORE, WAY, Firewall::stateful());
    let (found, _) = discover(office, "198.51.100.1:5000", server());
    assert_eq!(found.mapping, Some(EndpointIndependent));
    assert_eq!(found.filtering, Some(AddressAndPortDependent));
    let silent =
        |net: &mut Internet<Asker>| net.firewall(Place::CORE, WAY, Firewall::udp_blocked());
    let (found, finished) = discover(silent, "198.51.100.1:5000", server());
    assert_eq!(found, Behavior::default());
    // 100, 200 and 4 × 100 ms without an answer.
    assert_eq!(finished, Some(Instant::from_millis(700)));
}
