//! A STUN server tells endpoints where they are seen.

use std::net::SocketAddr;
use std::time::Duration;

use patchcord::{
    BindError, Config, DataChannelInit, Endpoint, EndpointConfig, Event, IceGatheringState,
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
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        stun_server: Some(format!("stun:{server}")),
        ..Default::default()
    };
    Endpoint::bind(config).await.unwrap()
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
async fn a_server_without_an_address_is_an_error() {
    let config = EndpointConfig { stun_server: Some("no such host".into()), ..Default::default() };
    let error = Endpoint::bind(config).await.unwrap_err();
    assert!(matches!(&error, BindError::StunServer { server, .. } if server == "no such host"));
    let plain = Endpoint::bind(EndpointConfig::default()).await.unwrap();
    assert_eq!(plain.peer_connection(Config::default()).unwrap().local_description(), None);
}
