//! IPv4 and IPv6, with sockets of the system.

use std::net::UdpSocket;

use sansio::Transport;
use turn::{
    AddressFamily,
    client::{Config, Event, Families},
};

use crate::support::{Server, echo};

#[test]
fn a_client_over_ipv6_reaches_peers_of_both_families() {
    if UdpSocket::bind("[::1]:0").is_err() {
        return eprintln!("this machine has no IPv6");
    }
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_turn-server"));
    command.args(["--listen", "[::1]:0", "--user", "user:pass", "--relay", "::1"]);
    command.args(["--relay", "127.0.0.1", "--allow-peer", "::1", "--allow-peer", "127.0.0.1"]);
    let server = Server::run(&mut command);
    let peers = [echo("127.0.0.1:0"), echo("[::1]:0")];
    for transport in [Transport::Udp, Transport::Tcp] {
        let families = Config { families: Families::Both, ..Config::default() };
        let mut caller = server.caller(transport, families);
        caller.event(|event| matches!(event, Event::Allocated).then_some(()));
        let relayed = |family| caller.client.relayed(family).unwrap().ip().to_string();
        let both = [AddressFamily::Ipv4, AddressFamily::Ipv6].map(relayed);
        assert_eq!(both, ["127.0.0.1", "::1"]);
        for peer in peers {
            // In an indication, then in a channel.
            caller.permit(peer);
            caller.say(peer, b"in an indication");
            caller.until(|caller| (caller.heard.len() == 1).then_some(()));
            caller.client.bind(peer).unwrap();
            caller.until(|caller| caller.client.is_bound(peer).then_some(()));
            caller.say(peer, b"in a channel");
            caller.until(|caller| (caller.heard.len() == 2).then_some(()));
            let said = [&b"in an indication"[..], b"in a channel"].map(|it| (peer, it.to_vec()));
            assert_eq!(core::mem::take(&mut caller.heard), said, "{transport}");
        }
    }
}

/// One socket of each family at the same port, which take nothing of the other.
#[test]
fn both_families_are_served_at_one_port() {
    let Ok(socket) = UdpSocket::bind("[::1]:0") else {
        return eprintln!("this machine has no IPv6");
    };
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    let both = [format!("0.0.0.0:{port}"), format!("[::]:{port}")];
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_turn-server"));
    command.args(["--listen", &both[0], "--listen", &both[1], "--user", "user:pass"]);
    let mut server = Server::run(&mut command);
    assert_eq!(server.address.to_string(), both[0]);
    assert_eq!(crate::support::last_word(&server.line()), both[1]);
    for ip in ["127.0.0.1", "::1"] {
        server.address = (ip.parse::<std::net::IpAddr>().unwrap(), port).into();
        for transport in [Transport::Udp, Transport::Tcp] {
            let mut caller = server.caller(transport, Config::default());
            let mapped = caller.until(|caller| caller.client.mapped());
            assert_eq!(mapped, caller.client.path().local);
        }
    }
}
