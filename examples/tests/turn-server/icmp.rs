//! What ICMP says of a datagram to a peer gets to the client that has sent it.

use std::net::UdpSocket;

use sansio::Transport;
use turn::{
    attribute::Icmp,
    client::{Config, Event},
};

use crate::support::Server;

#[test]
fn a_peer_whose_port_is_closed_is_reported() {
    let server = Server::start(&[]);
    // Nobody has it any more.
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut caller = server.caller(Transport::Udp, Config::default());
    caller.permit(closed);
    caller.say(closed, b"");
    let told = caller.event(|event| match event {
        Event::Icmp { peer, error } => Some((*peer, *error)),
        _ => None,
    });
    assert_eq!(told, (closed, Icmp { kind: 3, code: 3, data: 0 }));
}
