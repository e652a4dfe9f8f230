//! Peers over TCP (RFC 6544).

use std::net::SocketAddr;

use patchcord::{CandidatePolicy, Config, Endpoint, EndpointConfig, Message, PeerConnection};
use patchcord::{SessionDescription, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::relay::exchange;
use crate::support::*;

/// One that listens.
async fn listening() -> Endpoint {
    listening_with(EndpointConfig::default()).await
}

async fn listening_with(config: EndpointConfig) -> Endpoint {
    let loopback: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let config = EndpointConfig { udp: loopback, tcp: Some(loopback), ..config };
    Endpoint::bind(config).await.unwrap()
}

/// One that connects.
fn active(endpoint: &Endpoint) -> PeerConnection {
    let mut config = Config::default();
    config.tcp_active = true;
    endpoint.peer_connection(config).unwrap()
}

/// Without its candidates over UDP: a network that lets none through.
fn without_udp(description: &SessionDescription) -> SessionDescription {
    let is_udp = |line: &&str| line.starts_with("a=candidate:") && line.contains(" udp ");
    let sdp = description.sdp.lines().filter(|line| !is_udp(line));
    let sdp = sdp.map(|line| format!("{line}\r\n")).collect();
    SessionDescription { sdp, kind: description.kind }
}

/// A call in which no datagram over UDP can be sent.
async fn call(caller: PeerConnection, callee: PeerConnection) -> Pair {
    let near = caller.create_data_channel("test", Default::default()).unwrap();
    caller.set_local_description(None).await.unwrap();
    within(caller.gathering_complete()).await;
    let offer = without_udp(&caller.local_description().unwrap());
    callee.set_remote_description(offer).await.unwrap();
    callee.set_local_description(None).await.unwrap();
    within(callee.gathering_complete()).await;
    let answer = without_udp(&callee.local_description().unwrap());
    caller.set_remote_description(answer).await.unwrap();
    assert!(within(near.opened()).await);
    let far = incoming(&callee).await;
    Pair { caller, callee, near, far }
}

#[tokio::test]
async fn where_no_udp_is_let_through_tcp_connects() {
    let (server, client) = (listening().await, endpoint().await);
    let pair = call(active(&client), connection(&server)).await;
    exchange(&pair).await;
    for path in [pair.caller.stats().path.unwrap(), pair.callee.stats().path.unwrap().reversed()] {
        assert_eq!(path.transport, Transport::Tcp);
        assert_eq!(path.remote, server.tcp_addresses()[0]);
    }
    assert_eq!(server.stats().lost, 0);
}

#[tokio::test]
async fn the_one_that_listens_may_call() {
    let (server, client) = (listening().await, endpoint().await);
    let pair = call(connection(&server), active(&client)).await;
    exchange(&pair).await;
    within(pair.caller.close()).await;
    assert_eq!(within(pair.far.recv()).await, None);
}

#[tokio::test]
async fn many_peers_share_the_port() {
    let (server, client) = (listening().await, endpoint().await);
    let mut pairs = Vec::new();
    for _ in 0..12 {
        pairs.push(call(active(&client), connection(&server)).await);
    }
    for (n, pair) in pairs.iter().enumerate() {
        within(pair.near.send(numbered(n, 3000))).await.unwrap();
    }
    for (n, pair) in pairs.iter().enumerate() {
        assert!(within(pair.far.recv()).await == Some(numbered(n, 3000)));
    }
    drop(pairs.split_off(6));
    until(|| server.peer_count() == 6).await;
    for pair in &pairs {
        within(pair.far.send(Message::text("still here"))).await.unwrap();
        assert_eq!(within(pair.near.recv()).await, Some(Message::text("still here")));
    }
}

#[tokio::test]
async fn udp_is_preferred_where_it_works() {
    let (server, client) = (listening().await, endpoint().await);
    let pair = pair_with(active(&client), connection(&server)).await;
    exchange(&pair).await;
    until(|| pair.caller.stats().path.is_some_and(|path| path.transport == Transport::Udp)).await;
}

/// The name and the password that its checks need.
fn credentials(connection: &PeerConnection) -> (String, String) {
    let sdp = connection.local_description().unwrap().sdp;
    let of = |name| sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    (of("a=ice-ufrag:"), of("a=ice-pwd:"))
}

/// A check on a stream.
fn check(username: &str, password: &str) -> Vec<u8> {
    let mut request = vec![0, 0];
    stun::MessageBuilder::request(&mut request, stun::Method::BINDING, [1; 12].into())
        .attribute(&stun::attribute::Username::new(username).unwrap())
        .attribute(&stun::attribute::Priority(1))
        .attribute(&stun::attribute::IceControlling(1))
        .integrity(&stun::IntegrityKey::short_term(password))
        .fingerprint();
    let len = (request.len() - 2) as u16;
    request[..2].copy_from_slice(&len.to_be_bytes());
    request
}

/// Whether the other side has closed it.
async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(within(stream.read(&mut [0; 64])).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn a_stream_that_names_nobody_is_closed() {
    let server = listening().await;
    let connection = connection(&server);
    let _channel = connection.create_data_channel("x", Default::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    let ufrag = credentials(&connection).0;
    let check = |username: &str| check(username, "not the password of anybody");
    let table = [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0, 4, 22, 254, 253, 0],
        vec![0xff, 0xff],
        check("nobody:x"),
        check(&format!("{ufrag}:x")),
    ];
    for bytes in table {
        let mut stream = TcpStream::connect(server.tcp_addresses()[0]).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        assert!(is_closed(&mut stream).await, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_stream_that_says_nothing_is_closed() {
    let server = listening().await;
    let mut stream = TcpStream::connect(server.tcp_addresses()[0]).await.unwrap();
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn of_too_many_of_one_peer_the_oldest_is_closed() {
    let config = EndpointConfig { max_streams_per_peer: 2, ..Default::default() };
    let (server, client) = (listening_with(config).await, endpoint().await);
    let connection = connection(&server);
    let caller = active(&client);
    let _channel = caller.create_data_channel("x", Default::default()).unwrap();
    caller.set_local_description(None).await.unwrap();
    connection.set_remote_description(caller.local_description().unwrap()).await.unwrap();
    connection.set_local_description(None).await.unwrap();
    let ((ufrag, password), theirs) = (credentials(&connection), credentials(&caller).0);
    let (mut streams, mut answer) = (Vec::new(), [0; 2]);
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.tcp_addresses()[0]).await.unwrap();
        let bytes = check(&format!("{ufrag}:{theirs}"), &password);
        stream.write_all(&bytes).await.unwrap();
        within(stream.read_exact(&mut answer)).await.unwrap();
        streams.push(stream);
    }
    for stream in &mut streams[..3] {
        while !is_closed(stream).await {}
    }
    let last = check(&format!("{ufrag}:{theirs}"), &password);
    streams[4].write_all(&last).await.unwrap();
    within(streams[4].read_exact(&mut answer)).await.unwrap();
}

#[tokio::test]
async fn of_too_many_that_say_nothing_the_oldest_is_closed() {
    let config = EndpointConfig { max_unidentified_streams: 3, ..Default::default() };
    let (server, client) = (listening_with(config).await, endpoint().await);
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(TcpStream::connect(server.tcp_addresses()[0]).await.unwrap());
    }
    for stream in &mut silent[..7] {
        assert!(is_closed(stream).await);
    }
    // A peer gets through all the same.
    let pair = call(active(&client), connection(&server)).await;
    exchange(&pair).await;
}

#[tokio::test]
async fn relays_only_means_no_tcp_either() {
    let server = listening().await;
    let mut config = Config::default();
    config.ice_transport_policy = CandidatePolicy::Relay;
    let connection = server.peer_connection(config).unwrap();
    let _channel = connection.create_data_channel("x", Default::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    within(connection.gathering_complete()).await;
    assert!(!connection.local_description().unwrap().sdp.contains("a=candidate:"));
}
