//! Calls through a TURN server, over each transport.

use std::net::{Ipv6Addr, SocketAddr};

use patchcord::{
    CandidatePolicy, Config, Endpoint, EndpointConfig, Event, IceCandidateError, IceServer,
    Message, PeerConnection, Resolver, Transport,
};

use crate::support::*;
use crate::turn_server::{NAME, TurnServer};

/// Knows the server, and nobody else.
pub(crate) fn resolver() -> Resolver {
    Resolver::new(|name: String| async move {
        if name == NAME {
            Ok(vec!["127.0.0.1".parse().unwrap()])
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        }
    })
}

pub(crate) fn config(server: &TurnServer, ice_server: IceServer) -> EndpointConfig {
    EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        ice_servers: vec![ice_server],
        resolver: resolver(),
        trust: Some(server.trust.clone()),
        ..Default::default()
    }
}

/// One that may use relays only.
pub(crate) fn relayed(endpoint: &Endpoint) -> PeerConnection {
    let mut config = Config::default();
    config.ice_transport_policy = CandidatePolicy::Relay;
    endpoint.peer_connection(config).unwrap()
}

/// A large message there and back.
pub(crate) async fn exchange(pair: &Pair) {
    for n in [10, 1000, 200_000] {
        let message = numbered(n, n);
        within(pair.near.send(message.clone())).await.unwrap();
        assert!(within(pair.far.recv()).await == Some(message.clone()));
        within(pair.far.send(message.clone())).await.unwrap();
        assert!(within(pair.near.recv()).await == Some(message));
    }
}

/// A call by way of the server: the caller has no other way, the callee knows nothing of it.
async fn call(transport: Transport) {
    let server = TurnServer::start().await;
    let config = config(&server, server.over(transport, "wonderland"));
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair_with(relayed(&a), connection(&b)).await;
    exchange(&pair).await;
    let sdp = pair.caller.local_description().unwrap().sdp;
    let lines: Vec<_> = sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(" typ relay "), "{lines:?}");
    let path = pair.caller.stats().path.unwrap();
    assert_eq!(path.transport, transport);
    let port = |address: SocketAddr| address.port();
    let expected = [server.udp, server.tcp, server.tls, server.dtls][transport as usize];
    assert_eq!(port(path.remote), port(expected), "{path}");
    assert_eq!(server.count(), 1);
    assert_eq!(a.stats().lost, 0);
    // The goodbye gives the allocation back.
    within(pair.caller.close()).await;
    until(|| server.count() == 0).await;
    within(a.close()).await;
}

#[tokio::test]
async fn over_udp() {
    call(Transport::Udp).await;
}

#[tokio::test]
async fn over_tcp() {
    call(Transport::Tcp).await;
}

#[tokio::test]
async fn over_tls() {
    call(Transport::Tls).await;
}

#[tokio::test]
async fn over_ipv6() {
    let loopback = Ipv6Addr::LOCALHOST.into();
    let udp = SocketAddr::new(loopback, 0);
    let Ok(b) = Endpoint::bind(EndpointConfig { udp, ..Default::default() }).await else {
        return eprintln!("this machine has no IPv6");
    };
    let server = TurnServer::start_at(loopback).await;
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
        let resolver = Resolver::new(|_| async { Ok(vec![Ipv6Addr::LOCALHOST.into()]) });
        let config = config(&server, server.over(transport, "wonderland"));
        let a = Endpoint::bind(EndpointConfig { udp, resolver, ..config }).await.unwrap();
        let pair = pair_with(relayed(&a), connection(&b)).await;
        exchange(&pair).await;
        let path = pair.caller.stats().path.unwrap();
        assert_eq!((path.transport, path.remote.ip()), (transport, loopback));
        within(a.close()).await;
        until(|| server.count() == 0).await;
    }
}

#[tokio::test]
async fn over_dtls() {
    call(Transport::Dtls).await;
}

#[tokio::test]
async fn a_server_that_has_said_goodbye_is_met_anew() {
    let server = TurnServer::start().await;
    let config = config(&server, server.over(Transport::Dtls, "wonderland"));
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair_with(relayed(&a), connection(&b)).await;
    exchange(&pair).await;
    let before = pair.caller.stats().path.unwrap();
    server.farewell.send(()).unwrap();
    let moved = || pair.caller.stats().path.is_some_and(|path| path.local != before.local);
    until(moved).await;
    exchange(&pair).await;
}

#[test]
fn a_program_that_ends_has_said_goodbye_on_its_streams() {
    let serving = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let lag = std::time::Duration::from_millis(5);
    let (server, b) =
        serving.block_on(async { (TurnServer::start_slow(lag).await, endpoint().await) });
    for transport in [Transport::Tcp, Transport::Tls, Transport::Dtls] {
        let program = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let far = program.block_on(async {
            let config = config(&server, server.over(transport, "wonderland"));
            let a = Endpoint::bind(config).await.unwrap();
            let pair = pair_with(relayed(&a), connection(&b)).await;
            exchange(&pair).await;
            // Something is always on its way to us, also when we go.
            let (near, far) = (pair.near.clone(), pair.far.clone());
            tokio::spawn(async move { while near.recv().await.is_some() {} });
            serving.spawn(async move { while far.send(numbered(1, 50_000)).await.is_ok() {} });
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            within(a.close()).await;
            pair.far
        });
        drop(program);
        serving.block_on(async {
            assert_eq!(within(far.recv()).await, None, "the goodbye has come through");
            until(|| server.count() == 0).await;
        });
    }
}

/// At the first address of its name nobody listens.
#[tokio::test]
async fn of_several_addresses_the_one_that_answers_is_taken() {
    let server = TurnServer::start().await;
    let resolver = Resolver::new(|_| async {
        Ok(["127.0.0.77", "::1", "127.0.0.1"].map(|ip| ip.parse().unwrap()).to_vec())
    });
    for transport in [Transport::Tcp, Transport::Tls] {
        let config = EndpointConfig {
            resolver: resolver.clone(),
            ..config(&server, server.over(transport, "wonderland"))
        };
        let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
        let pair = pair_with(relayed(&a), connection(&b)).await;
        exchange(&pair).await;
        // The 5-tuple is that of the address that has answered.
        assert_eq!(pair.caller.stats().path.unwrap().remote.ip(), server.tcp.ip());
    }
}

#[tokio::test]
async fn both_sides_may_relay() {
    let server = TurnServer::start().await;
    let bind = |transport| Endpoint::bind(config(&server, server.over(transport, "wonderland")));
    let (a, b) = (bind(Transport::Udp).await.unwrap(), bind(Transport::Tls).await.unwrap());
    let pair = pair_with(relayed(&a), relayed(&b)).await;
    exchange(&pair).await;
    assert_eq!(server.count(), 2);
    within(a.close()).await;
    within(b.close()).await;
    until(|| server.count() == 0).await;
}

#[tokio::test]
async fn many_connections_have_an_allocation_each() {
    let server = TurnServer::start().await;
    let (b, mut pairs) = (endpoint().await, Vec::new());
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Dtls] {
        let config = config(&server, server.over(transport, "wonderland"));
        let a = Endpoint::bind(config).await.unwrap();
        for _ in 0..6 {
            pairs.push((pair_with(relayed(&a), connection(&b)).await, a.clone()));
        }
    }
    assert_eq!(server.count(), 24);
    for (n, (pair, _)) in pairs.iter().enumerate() {
        within(pair.near.send(numbered(n, 5000))).await.unwrap();
    }
    for (n, (pair, _)) in pairs.iter().enumerate() {
        assert!(within(pair.far.recv()).await == Some(numbered(n, 5000)));
    }
    // Those of one endpoint end, and the others do not notice.
    let (others, ended): (Vec<_>, Vec<_>) =
        pairs.into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
    drop(ended);
    until(|| server.count() == 12).await;
    for (_, (pair, _)) in &others {
        within(pair.near.send(Message::text("still here"))).await.unwrap();
        assert_eq!(within(pair.far.recv()).await, Some(Message::text("still here")));
    }
}

/// The first failure that is told.
pub(crate) async fn failure(connection: &PeerConnection) -> IceCandidateError {
    loop {
        let event = within(connection.next_event()).await.expect("a failure");
        if let Event::IceCandidateError(error) = event {
            return error;
        }
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_and_the_call_goes_on_without() {
    let server = TurnServer::start().await;
    let config = config(&server, server.over(Transport::Udp, "looking-glass"));
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair(&a, &b).await;
    exchange(&pair).await;
    let error = failure(&pair.caller).await;
    assert_eq!((error.code, error.text.as_str()), (401, "401: wrong credentials"));
    assert_eq!(error.url, format!("turn:{NAME}:{}", server.udp.port()));
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told() {
    let (server, other) = (TurnServer::start().await, TurnServer::start().await);
    let untrusted = |transport| config(&other, server.over(transport, "wonderland"));
    let misnamed = |url: String| EndpointConfig {
        resolver: Resolver::new(|_| async { Ok(vec!["127.0.0.1".parse().unwrap()]) }),
        ..config(&server, IceServer::turn(url, "alice", "x"))
    };
    let over_tls = format!("turns:other.test:{}", server.tls.port());
    let over_dtls = format!("turns:other.test:{}?transport=udp", server.dtls.port());
    for (config, expected) in [
        (untrusted(Transport::Tls), ""),
        (untrusted(Transport::Dtls), ""),
        (misnamed(over_tls), "not valid for name"),
        (misnamed(over_dtls), "not valid for name"),
    ] {
        let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
        let pair = pair(&a, &b).await;
        exchange(&pair).await;
        let error = failure(&pair.caller).await;
        assert_eq!(error.code, 701);
        assert!(error.text.contains("certificate") && error.text.contains(expected), "{error:?}");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let server = TurnServer::start().await;
    // A port at which nobody listens.
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let url = format!("turn:{nobody}?transport=tcp");
    let config = config(&server, IceServer::turn(&url, "alice", "wonderland"));
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair(&a, &b).await;
    exchange(&pair).await;
    let error = failure(&pair.caller).await;
    assert_eq!((error.url, error.code), (url, 701));
    assert!(error.text.contains("cannot connect"), "{}", error.text);
}

#[tokio::test]
async fn credentials_may_change_in_mid_call() {
    let server = TurnServer::start().await;
    let ice_server = server.over(Transport::Udp, "wonderland");
    let url = ice_server.urls[0].clone();
    let (a, b) = (Endpoint::bind(config(&server, ice_server)).await.unwrap(), endpoint().await);
    let pair = pair_with(relayed(&a), connection(&b)).await;
    assert_eq!(pair.caller.set_ice_credentials(&url, "alice", "wonderland"), Ok(true));
    assert_eq!(pair.caller.set_ice_credentials("turn:other", "alice", "x"), Ok(false));
    assert!(pair.caller.set_ice_credentials(&url, &"x".repeat(600), "x").is_err());
    exchange(&pair).await;
}

#[tokio::test]
async fn a_server_of_one_connection_is_used_by_that_one() {
    let server = TurnServer::start().await;
    let (a, b) = (endpoint().await, endpoint().await);
    let mut config = Config::default();
    let url = format!("turn:{}", server.udp);
    config.ice_servers = vec![IceServer::turn(url, "alice", "wonderland")];
    config.ice_transport_policy = CandidatePolicy::Relay;
    let pair = pair_with(a.peer_connection(config).unwrap(), connection(&b)).await;
    let _other = connection(&a);
    exchange(&pair).await;
    assert_eq!(server.count(), 1);
}
