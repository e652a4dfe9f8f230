//! Hosts whose addresses change. Loopback's addresses play those of interfaces.

use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;
use std::sync::Arc;

use peer::{DataChannelInit, IceGatheringState, Message};

use crate::connection::PeerConnection;
use crate::endpoint::Endpoint;
use crate::endpoint::tests::{config, connection, signal};
use crate::net::MadeUp;
use crate::{Config, EndpointConfig, Event, IceServer, Mdns};

mod relays;

/// An endpoint on a host with these interfaces, driven.
fn on_host(addresses: &[&str], config: EndpointConfig) -> (Endpoint, MadeUp) {
    let (made_up, interfaces) = MadeUp::new(addresses);
    let (endpoint, driver) = Endpoint::assemble_on(config, || interfaces).unwrap();
    tokio::spawn(driver.run());
    (endpoint, made_up)
}

/// Bound to all addresses of IPv4.
fn wildcard() -> EndpointConfig {
    EndpointConfig { udp: "0.0.0.0:0".parse().unwrap(), ..EndpointConfig::default() }
}

/// Polls a condition that nothing announces.
async fn until(mut condition: impl FnMut() -> bool) {
    let polled = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), polled).await.expect("it took too long");
}

fn hosts(endpoint: &Endpoint) -> Vec<String> {
    endpoint.local_addresses().iter().map(|address| address.ip().to_string()).collect()
}

/// The next candidate that is told.
async fn told(connection: &PeerConnection) -> Option<String> {
    loop {
        if let Some(Event::IceCandidate(candidate)) = connection.next_event().await {
            return candidate.map(|candidate| candidate.candidate);
        }
    }
}

#[tokio::test]
async fn new_addresses_become_candidates_of_calls_that_last() {
    let (endpoint, host) = on_host(&["127.0.0.2"], wildcard());
    let (follows, stays) = (
        connection(&endpoint),
        endpoint.peer_connection(Config { continual_gathering: Some(false), ..Config::default() }),
    );
    let stays = stays.unwrap();
    for connection in [&follows, &stays] {
        connection.create_data_channel("x", DataChannelInit::default()).unwrap();
        connection.set_local_description(None).await.unwrap();
        assert_eq!(told(connection).await, None);
    }
    host.set(&["127.0.0.2", "127.0.0.3"]);
    let candidate = told(&follows).await.expect("a candidate after the last one");
    assert!(candidate.contains(" 127.0.0.3 "), "{candidate}");
    assert_eq!(follows.ice_gathering_state(), IceGatheringState::Complete);
    let lines = |connection: &PeerConnection| {
        let sdp = connection.local_description().unwrap().sdp;
        let lines = sdp.lines().filter(|line| line.starts_with("a=candidate:"));
        lines.map(|line| line.split(' ').nth(4).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(hosts(&endpoint), ["127.0.0.2", "127.0.0.3"]);
    assert_eq!(lines(&follows), hosts(&endpoint));
    assert_eq!(lines(&stays), ["127.0.0.2"]);
    // Who comes later begins with what there is.
    host.set(&["127.0.0.3"]);
    until(|| hosts(&endpoint) == ["127.0.0.3"]).await;
    let late = connection(&endpoint);
    late.create_data_channel("x", DataChannelInit::default()).unwrap();
    late.set_local_description(None).await.unwrap();
    assert_eq!(lines(&late), ["127.0.0.3"]);
    until(|| lines(&follows) == ["127.0.0.3"]).await;
}

#[tokio::test]
async fn an_address_that_comes_back_has_another_name() {
    let (endpoint, host) = on_host(&["127.0.0.2"], wildcard());
    let config = Config { mdns: Mdns::Offer, ..Config::default() };
    let connection = endpoint.peer_connection(config).unwrap();
    connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    let names = || {
        let sdp = connection.local_description().unwrap().sdp;
        let lines = sdp.lines().filter(|line| line.starts_with("a=candidate:"));
        lines.map(|line| line.split(' ').nth(4).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = names();
    assert!(first.len() == 1 && first[0].ends_with(".local"), "{first:?}");
    host.set(&["127.0.0.3"]);
    until(|| names() != first && hosts(&endpoint) == ["127.0.0.3"]).await;
    host.set(&["127.0.0.2"]);
    until(|| names().len() == 1 && hosts(&endpoint) == ["127.0.0.2"]).await;
    let last = names();
    assert!(last[0].ends_with(".local") && last != first, "{last:?}");
}

#[tokio::test]
async fn a_call_goes_on_from_another_address() {
    let (endpoint, host) = on_host(&["127.0.0.2"], wildcard());
    let other = Endpoint::bind(config()).await.unwrap();
    let (mobile, fixed) = (connection(&endpoint), connection(&other));
    let channel = mobile.create_data_channel("x", DataChannelInit::default()).unwrap();
    signal(&mobile, &fixed).await;
    assert!(channel.opened().await);
    let Some(Event::DataChannel(far)) = next(&fixed, |e| matches!(e, Event::DataChannel(_))).await
    else {
        panic!("no channel")
    };
    let local = |connection: &PeerConnection| connection.stats().path.unwrap().local.ip();
    assert_eq!(local(&mobile).to_string(), "127.0.0.2");
    host.set(&["127.0.0.3"]);
    until(|| mobile.stats().path.is_some_and(|path| path.local.ip().to_string() == "127.0.0.3"))
        .await;
    // The other side was not told: it learns the address from a check.
    for n in 0..3 {
        let text = format!("still here {n}");
        channel.send(Message::text(text.as_str())).await.unwrap();
        assert_eq!(far.recv().await, Some(Message::text(text.as_str())));
        far.send(Message::text("good")).await.unwrap();
        assert_eq!(channel.recv().await, Some(Message::text("good")));
    }
    assert_eq!(fixed.stats().path.unwrap().remote.ip(), local(&mobile));
}

/// The next event of a kind.
async fn next(connection: &PeerConnection, kind: impl Fn(&Event) -> bool) -> Option<Event> {
    loop {
        let event = connection.next_event().await?;
        if kind(&event) {
            return Some(event);
        }
    }
}

/// A STUN server that sees everybody at 203.0.113.7, or at what the last byte is set to.
async fn stun_server() -> (Vec<IceServer>, Arc<AtomicU8>) {
    let server = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let url = format!("stun:{}", server.local_addr().unwrap());
    let last = Arc::new(AtomicU8::new(7));
    let shared = Arc::clone(&last);
    tokio::spawn(async move {
        let mut request = [0; 1500];
        loop {
            let (len, from) = server.recv_from(&mut request).await.unwrap();
            let mut response = Vec::new();
            let last = shared.load(Ordering::Relaxed);
            let seen = std::net::SocketAddr::from(([203, 0, 113, last], from.port()));
            stun::server::answer(&request[..len], seen, &mut response).unwrap();
            server.send_to(&response, from).await.unwrap();
        }
    });
    (vec![IceServer { urls: vec![url], ..Default::default() }], last)
}

#[tokio::test]
async fn a_call_that_falls_silent_has_the_servers_asked_again() {
    let (ice_servers, seen) = stun_server().await;
    let (endpoint, _host) = on_host(&["127.0.0.1"], wildcard());
    let config = Config { ice_servers, ..Config::default() };
    let connection = endpoint.peer_connection(config).unwrap();
    connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    let sdp = || connection.local_description().unwrap().sdp;
    until(|| sdp().contains(" 203.0.113.7 ")).await;
    seen.store(8, Ordering::Relaxed);
    let shared = Arc::clone(connection.connection());
    until(|| {
        // As if its agent said so; what was said in the last 2 s is believed.
        shared.change(|state, _| state.mapping_doubted = true);
        sdp().contains(" 203.0.113.8 ")
    })
    .await;
    assert!(!sdp().contains(" 203.0.113.7 "), "the former one is no more: {}", sdp());
    assert_eq!(endpoint.reflexive_addresses()[0].ip().to_string(), "203.0.113.8");
}

#[tokio::test]
async fn after_a_move_the_servers_are_asked_where_we_are_seen() {
    let (ice_servers, _) = stun_server().await;
    // The system reaches it from 127.0.0.1, which is none of the host's addresses at first.
    let (endpoint, host) = on_host(&["127.0.0.2"], wildcard());
    let config = Config { ice_servers, ..Config::default() };
    let connection = endpoint.peer_connection(config).unwrap();
    connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    assert_eq!(told(&connection).await, None);
    host.set(&["127.0.0.2", "127.0.0.1"]);
    let ends = [" 127.0.0.1 ", " 203.0.113.7 "];
    for end in ends {
        let candidate = told(&connection).await.unwrap();
        assert!(candidate.contains(end), "{candidate}");
        assert_eq!(told(&connection).await, None, "and that is all again");
    }
    assert_eq!(endpoint.reflexive_addresses()[0].ip().to_string(), "203.0.113.7");
    host.set(&["127.0.0.2"]);
    until(|| endpoint.reflexive_addresses().is_empty()).await;
    until(|| !connection.local_description().unwrap().sdp.contains("203.0.113.7")).await;
}
