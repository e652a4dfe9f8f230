use core::time::Duration;

use super::*;
use Dependence::{AddressAndPortDependent, AddressDependent, EndpointIndependent};

const LOCAL: &str = "10.0.0.1:5000";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A NAT with its server behind: answers a question, or swallows it.
struct World {
    mapping: Option<Dependence>,
    filtering: Dependence,
    speaks_5780: bool,
    /// It reads over CHANGE-REQUEST, and answers from where it was asked.
    stays: bool,
    sent_to: Vec<SocketAddr>,
}

impl World {
    fn mapped(&self, to: SocketAddr) -> SocketAddr {
        let server = address("192.0.2.1:3478");
        let port = match self.mapping {
            None => return address(LOCAL),
            Some(EndpointIndependent) => 7000,
            Some(AddressDependent) => 7000 + u16::from(to.ip() != server.ip()),
            Some(AddressAndPortDependent) => {
                7000 + u16::from(to.ip() != server.ip()) + 2 * u16::from(to.port() != 3478)
            }
        };
        SocketAddr::new("203.0.113.9".parse().unwrap(), port)
    }

    fn passes(&self, from: SocketAddr) -> bool {
        self.sent_to.iter().any(|to| match self.filtering {
            EndpointIndependent => true,
            AddressDependent => to.ip() == from.ip(),
            AddressAndPortDependent => *to == from,
        })
    }

    /// What comes back, and from where.
    fn answer(&mut self, to: SocketAddr, bytes: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        self.sent_to.push(to);
        let request = Message::parse(bytes).unwrap();
        let mut change: ChangeRequest = request.get().unwrap().unwrap_or_default();
        if self.stays {
            change = ChangeRequest::default();
        }
        let flip = |a: bool, b: &str, c: &str| if a { b.to_owned() } else { c.to_owned() };
        let ip = flip(change.ip, "192.0.2.2", &to.ip().to_string());
        let port = flip(change.port, "3479", &to.port().to_string());
        let from = address(&format!("{ip}:{port}"));
        let mut out = Vec::new();
        let builder = MessageBuilder::success(&mut out, &request)
            .attribute(&XorMappedAddress(self.mapped(to)));
        if self.speaks_5780 {
            builder.attribute(&OtherAddress(address("192.0.2.2:3479")));
        }
        self.passes(from).then_some((from, out))
    }
}

fn discover(mapping: Option<Dependence>, filtering: Dependence, speaks_5780: bool) -> Behavior {
    explore(World { mapping, filtering, speaks_5780, stays: false, sent_to: Vec::new() })
}

fn explore(mut world: World) -> Behavior {
    let path = Path::udp(address(LOCAL), address("192.0.2.1:3478"));
    let schedule = Schedule { rto: Duration::from_millis(100), requests: 3, patience: 4 };
    let rng = testkit::SeededRng::boxed(1);
    let (mut now, mut buf) = (Instant::ZERO, Vec::new());
    let mut discovery = Discovery::new(now, path, schedule, rng);
    while discovery.poll_event().is_none() {
        buf.clear();
        if let Some(transmit) = discovery.poll_transmit(now, &mut buf) {
            if let Some((remote, mut answer)) = world.answer(transmit.path.remote, &buf) {
                let path = Path { remote, ..path };
                discovery.handle_input(now, Datagram::new(path, now, &mut answer)).unwrap();
            }
        } else {
            now = discovery.poll_timeout().unwrap();
            discovery.handle_timeout(now);
        }
    }
    assert_eq!(discovery.poll_timeout(), None);
    discovery.behavior()
}

#[test]
fn every_kind_of_nat_is_recognized() {
    let kinds = [EndpointIndependent, AddressDependent, AddressAndPortDependent];
    for mapping in kinds {
        for filtering in kinds {
            let found = discover(Some(mapping), filtering, true);
            assert_eq!((found.mapping, found.filtering), (Some(mapping), Some(filtering)));
            assert_eq!(found.mapped, Some(address("203.0.113.9:7000")));
        }
    }
}

/// An answer from the address that was asked has come through any filter.
#[test]
fn a_server_that_does_not_change_its_address_tells_nothing_of_filters() {
    for filtering in [EndpointIndependent, AddressDependent, AddressAndPortDependent] {
        let mapping = Some(AddressDependent);
        let (speaks_5780, sent_to) = (true, Vec::new());
        let found = explore(World { mapping, filtering, speaks_5780, stays: true, sent_to });
        assert_eq!((found.mapping, found.filtering), (mapping, None), "{filtering:?}");
    }
}

#[test]
fn who_was_not_asked_is_not_heard() {
    let path = Path::udp(address(LOCAL), address("192.0.2.1:3478"));
    let rng = testkit::SeededRng::boxed(1);
    let (now, mut buf) = (Instant::ZERO, Vec::new());
    let mut discovery = Discovery::new(now, path, Schedule::default(), rng);
    discovery.poll_transmit(now, &mut buf).unwrap();
    let mut answer = Vec::new();
    crate::server::answer(&buf, address("203.0.113.9:7000"), &mut answer).unwrap();
    let stranger = address("192.0.2.7:3478");
    let input = Datagram::new(Path { remote: stranger, ..path }, now, &mut answer);
    assert_eq!(discovery.handle_input(now, input), Err(Discard::Source(stranger)));
    assert_eq!(discovery.behavior(), Behavior::default());
}

#[test]
fn without_a_nat_a_firewall_remains() {
    let found = discover(None, AddressAndPortDependent, true);
    assert_eq!(found.mapped, Some(address(LOCAL)));
    assert_eq!(found.mapping, Some(EndpointIndependent));
    assert_eq!(found.filtering, Some(AddressAndPortDependent));
}

#[test]
fn an_ordinary_server_tells_the_address_only() {
    let found = discover(Some(EndpointIndependent), EndpointIndependent, false);
    assert_eq!(found.mapped, Some(address("203.0.113.9:7000")));
    assert_eq!((found.mapping, found.filtering), (None, None));
}
