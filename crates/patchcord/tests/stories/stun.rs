//! A STUN server tells endpoints where they are seen.

use std::net::SocketAddr;
use std::time::Duration;

use patchcord::{
    BindError, Config, DataChannelInit, Endpoint, EndpointConfig, Event, IceGatheringState,
    IceServer, PeerConnection, PeerConnectionError, Resolver,
};
use tokio::net::UdpSocket;

use crate::support::*;

/// Where everybody is, as this server sees it: it plays a NAT that is not there.
const SEEN: &str = "203.0.113.5:40000";

/// A server that answers each question `after` a time, and tells the address [`SEEN`].
async fn server(after: Duration) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut request = [0; 1500];
        loop {
            let (len, from) = socket.recv_from(&mut request).await.unwrap();
            let mut response = Vec::new();
            stun::server::answer(&request[..len], SEEN.parse().unwrap(), &mut response).unwrap();
            tokio::time::sleep(after).await;
            socket.send_to(&response, from).await.unwrap();
        }
    });
    address
}

async fn asking(server: SocketAddr) -> Endpoint {
    asking_all(&[server]).await
}

async fn asking_all(servers: &[SocketAddr]) -> Endpoint {
    let named = |server| IceServer::stun(format!("stun:{server}"));
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        ice_servers: servers.iter().map(named).collect(),
        ..Default::default()
    };
    Endpoint::bind(config).await.unwrap()
}

/// Makes an offer, which has candidates gathered; waits until all are.
async fn gather(connection: &PeerConnection) {
    let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    within(connection.gathering_complete()).await;
}

fn candidates(sdp: &str) -> Vec<&str> {
    sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect()
}

#[tokio::test]
async fn a_description_waits_for_the_servers_answer() {
    let endpoint = asking(server(Duration::from_millis(50)).await).await;
    let connection = connection(&endpoint);
    let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    assert_ne!(connection.ice_gathering_state(), IceGatheringState::Complete);
    within(connection.gathering_complete()).await;
    let sdp = connection.local_description().unwrap().sdp;
    let lines = candidates(&sdp);
    assert_eq!(lines.len(), 2, "{lines:?}");
    let port = endpoint.local_addresses()[0].port();
    let reflexive = format!(" 203.0.113.5 40000 typ srflx raddr 127.0.0.1 rport {port}");
    assert!(lines[1].contains(&reflexive), "{lines:?}");
    assert_eq!(endpoint.reflexive_addresses(), [SEEN.parse().unwrap()]);
    assert_eq!(endpoint.stats().strangers, 0);
}

#[tokio::test]
async fn what_is_learnt_late_is_trickled() {
    let endpoint = asking(server(Duration::from_millis(50)).await).await;
    let connection = connection(&endpoint);
    let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    let mut trickled = Vec::new();
    while trickled.last() != Some(&None) {
        if let Some(Event::IceCandidate(candidate)) = within(connection.next_event()).await {
            trickled.push(candidate.map(|candidate| candidate.candidate));
        }
    }
    assert_eq!(trickled.len(), 2, "{trickled:?}");
    assert!(trickled[0].as_ref().unwrap().contains("203.0.113.5 40000 typ srflx"));
}

#[tokio::test]
async fn later_connections_share_what_is_known() {
    let (a, b) = (asking(server(Duration::ZERO).await).await, endpoint().await);
    until(|| !a.reflexive_addresses().is_empty()).await;
    let sent = a.stats().sent;
    for _ in 0..3 {
        let caller = connection(&a);
        let _channel = caller.create_data_channel("x", DataChannelInit::default()).unwrap();
        caller.set_local_description(None).await.unwrap();
        assert_eq!(caller.ice_gathering_state(), IceGatheringState::Complete);
        assert_eq!(candidates(&caller.local_description().unwrap().sdp).len(), 2);
    }
    assert_eq!(a.stats().sent, sent, "nobody was asked again");
    // An address that leads nowhere harms nobody.
    pair(&a, &b).await;
}

#[tokio::test]
async fn a_silent_server_ends_gathering_after_a_while() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let endpoint = asking(silent.local_addr().unwrap()).await;
    let connection = connection(&endpoint);
    let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    within(connection.gathering_complete()).await;
    assert_eq!(candidates(&connection.local_description().unwrap().sdp).len(), 1);
    assert_eq!(endpoint.reflexive_addresses(), []);
}

#[tokio::test]
async fn of_several_servers_the_first_answer_ends_gathering() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let quick = server(Duration::ZERO).await;
    let endpoint = asking_all(&[silent.local_addr().unwrap(), quick]).await;
    let connection = connection(&endpoint);
    gather(&connection).await;
    assert_eq!(endpoint.reflexive_addresses(), [SEEN.parse().unwrap()]);
    let mut request = [0; 100];
    silent.try_recv(&mut request).expect("it was asked as well");
}

#[tokio::test]
async fn a_server_of_one_connection_tells_all() {
    let endpoint = endpoint().await;
    let url = format!("stun:{}", server(Duration::ZERO).await);
    for _ in 0..2 {
        let mut config = Config::default();
        config.ice_servers = vec![IceServer::stun(&url)];
        let connection = endpoint.peer_connection(config).unwrap();
        gather(&connection).await;
        assert_eq!(endpoint.reflexive_addresses(), [SEEN.parse().unwrap()]);
    }
    assert_eq!(endpoint.stats().sent, 1, "one question for a socket");
}

#[tokio::test]
async fn names_are_looked_up_while_calls_begin() {
    let address = server(Duration::ZERO).await;
    let resolver = Resolver::new(move |name: String| async move {
        assert_eq!(name, "stun.example.org");
        tokio::time::sleep(Duration::from_millis(30)).await;
        Ok(vec!["2001:db8::1".parse().unwrap(), address.ip()])
    });
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        ice_servers: vec![IceServer::stun(format!("stun:stun.example.org:{}", address.port()))],
        resolver,
        ..Default::default()
    };
    let endpoint = Endpoint::bind(config).await.unwrap();
    let connection = connection(&endpoint);
    let _channel = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    assert_ne!(connection.ice_gathering_state(), IceGatheringState::Complete);
    within(connection.gathering_complete()).await;
    assert_eq!(candidates(&connection.local_description().unwrap().sdp).len(), 2);
}

/// At the first one nobody listens.
#[tokio::test]
async fn when_the_first_address_of_a_name_is_silent_the_next_is_asked() {
    let port = server(Duration::ZERO).await.port();
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        ice_servers: vec![IceServer::stun(format!("stun:stun.example.org:{port}"))],
        resolver: Resolver::new(|_| async {
            Ok(["127.0.0.78", "127.0.0.1"].map(|ip| ip.parse().unwrap()).to_vec())
        }),
        ..Default::default()
    };
    let endpoint = Endpoint::bind(config).await.unwrap();
    gather(&connection(&endpoint)).await;
    assert_eq!(endpoint.reflexive_addresses(), [SEEN.parse().unwrap()]);
}

#[tokio::test]
async fn a_server_without_an_address_is_an_event() {
    let resolver = Resolver::new(|_| async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err(std::io::Error::other("nobody knows it"))
    });
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        ice_servers: vec![IceServer::stun("stun:stun.example.org")],
        resolver,
        ..Default::default()
    };
    let connection = connection(&Endpoint::bind(config).await.unwrap());
    gather(&connection).await;
    loop {
        if let Event::IceCandidateError(error) = within(connection.next_event()).await.unwrap() {
            assert_eq!(error.url, "stun:stun.example.org");
            assert_eq!((error.code, error.text.as_str()), (701, "nobody knows it"));
            break;
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_understood_is_an_error() {
    let wrong = vec![IceServer::stun("no such scheme")];
    let config = EndpointConfig { ice_servers: wrong.clone(), ..Default::default() };
    let error = Endpoint::bind(config).await.unwrap_err();
    assert!(matches!(&error, BindError::IceServer(_)), "{error}");
    assert!(error.to_string().contains("no such scheme"), "{error}");
    let plain = endpoint().await;
    let mut config = Config::default();
    config.ice_servers = wrong;
    let refused = plain.peer_connection(config);
    assert!(matches!(refused, Err(PeerConnectionError::IceServer(_))));
    assert_eq!(plain.peer_count(), 0);
}
