//! What ICMP says of a datagram to a peer gets to the client that has sent it.

use std::net::{Ipv4Addr, UdpSocket};

use turn::{
    attribute::Icmp,
    client::{Config, Event},
};

use crate::support::{Caller, Server};

#[test]
fn a_peer_whose_port_is_closed_is_reported() {
    let server = Server::start(Ipv4Addr::LOCALHOST.into());
    // Nobody has it any more.
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut caller = Caller::new(&server, Config::default());
    caller.permit(closed);
    let told = loop {
        caller.say(caller.client.way(closed).unwrap(), b"");
        if let Some(Event::Icmp { peer, error }) = caller.turn() {
            break (peer, error);
        }
    };
    assert_eq!(told, (closed, Icmp { kind: 3, code: 3, data: 0 }));
}
