//! Connections of those who are not known.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use sansio::Transport;
use stun::{Message, MessageBuilder, Method};
use turn::client::{Config, Event};

use crate::support::Server;

/// Whether a question on this connection is answered.
fn answers(stream: &mut TcpStream) -> bool {
    let (mut request, mut answer) = (Vec::new(), [0; 200]);
    MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into()).fingerprint();
    let _ = stream.write_all(&request);
    match stream.read(&mut answer) {
        Ok(0) => false,
        Ok(count) => Message::parse(&answer[..count]).is_ok(),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
        Err(error) => unreachable!("{error}"),
    }
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let server = Server::start(&[]);
    let connect = || {
        let stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    };
    // A connection with an allocation is no stranger's.
    let mut known = server.caller(Transport::Tcp, Config::default());
    known.event(|event| matches!(event, Event::Allocated).then_some(()));
    let mut streams: Vec<_> = (0..65).map(|_| connect()).collect();
    let mut last = streams.pop().unwrap();
    assert!(!answers(&mut last), "one more than there may be");
    assert!(streams.iter_mut().all(answers));
    // When one goes, there is room for another.
    drop(streams.pop());
    while !answers(&mut connect()) {}
    known.turn();
}
