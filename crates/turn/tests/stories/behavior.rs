//! A server that tells how a NAT behaves, RFC 5780.

use core::net::SocketAddr;

use patchcord_turn::server::{Config, RateLimit, RelayAddress};
use sansio::{Datagram, Instant, Path, Transport};
use stun::attribute::{ChangeRequest, OtherAddress, ResponseOrigin, XorMappedAddress};
use stun::{Message, MessageBuilder, Method, behavior};

use crate::scene::{CLIENT, Host, at, host, server_config};

const NOW: Instant = Instant::ZERO;

/// Two addresses behind a one-to-one NAT.
fn config() -> Config {
    let relay =
        |local, announced| RelayAddress { local: at(local).ip(), announced: at(announced).ip() };
    Config {
        relays: vec![relay("10.0.0.5:0", "192.0.2.1:0"), relay("10.0.0.6:0", "192.0.2.2:0")],
        behavior: vec![behavior::Server {
            primary: at("10.0.0.5:3478"),
            other: at("10.0.0.6:3479"),
        }],
        ..server_config()
    }
}

/// The path of the answer, and where it says that it comes from, and the other address.
fn ask(
    host: &mut Host,
    path: Path,
    change: ChangeRequest,
) -> Option<(Path, Option<SocketAddr>, Option<SocketAddr>)> {
    let (mut request, mut out) = (Vec::new(), Vec::new());
    MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into()).attribute(&change);
    let input = Datagram::new(path, NOW, &mut request);
    let transmit = host.server.forward(NOW, input, &mut out).ok()??;
    let answer = Message::parse(&out).ok()?;
    assert_eq!(answer.get(), Ok(Some(XorMappedAddress(path.remote))));
    let origin = answer.get().ok()?.map(|ResponseOrigin(origin)| origin);
    let other = answer.get().ok()?.map(|OtherAddress(other)| other);
    Some((transmit.path, origin, other))
}

#[test]
fn answers_come_from_where_they_are_asked_for_under_the_address_that_is_known() {
    let mut host = host(config(), 1);
    let both = ChangeRequest { ip: true, port: true };
    let port = ChangeRequest { ip: false, port: true };
    let table = [
        ("10.0.0.5:3478", ChangeRequest::default(), "10.0.0.5:3478", "192.0.2.1:3478"),
        ("10.0.0.5:3478", port, "10.0.0.5:3479", "192.0.2.1:3479"),
        ("10.0.0.5:3478", both, "10.0.0.6:3479", "192.0.2.2:3479"),
        ("10.0.0.6:3478", both, "10.0.0.5:3479", "192.0.2.1:3479"),
    ];
    for (local, change, from, origin) in table {
        let path = Path::udp(at(local), at(CLIENT));
        let other = if local.starts_with("10.0.0.5") { "192.0.2.2:3479" } else { "192.0.2.1:3479" };
        let expected = (Path::udp(at(from), at(CLIENT)), Some(at(origin)), Some(at(other)));
        assert_eq!(ask(&mut host, path, change), Some(expected), "{local} {change:?}");
    }
}

#[test]
fn on_a_stream_or_elsewhere_it_is_an_ordinary_server() {
    let mut host = host(config(), 1);
    let tcp = Path { transport: Transport::Tcp, ..Path::udp(at("10.0.0.5:3478"), at(CLIENT)) };
    for path in [tcp, Path::udp(at("10.0.0.5:5000"), at(CLIENT))] {
        let (mut request, mut out) = (Vec::new(), Vec::new());
        MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into());
        let input = Datagram::new(path, NOW, &mut request);
        assert_eq!(host.server.forward(NOW, input, &mut out).unwrap().unwrap().path, path);
        let answer = Message::parse(&out).unwrap();
        assert_eq!(answer.get::<OtherAddress>(), Ok(None));
    }
}

#[test]
fn strangers_are_bounded_here_as_everywhere() {
    let strangers = RateLimit { per_second: 1, burst: 3 };
    let mut host = host(Config { strangers, ..config() }, 1);
    let path = Path::udp(at("10.0.0.5:3478"), at(CLIENT));
    let both = ChangeRequest { ip: true, port: true };
    let answers = (0..10).filter(|_| ask(&mut host, path, both).is_some());
    assert_eq!(answers.count(), 3);
}
