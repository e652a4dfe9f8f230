//! Where endpoints bind, and what they announce.

use patchcord::{AddressFilter, BindError, Config, Endpoint, EndpointConfig, Message};

use crate::support::*;

async fn bind(udp: &str, public_ips: &[&str]) -> Endpoint {
    let config = EndpointConfig {
        udp: udp.parse().unwrap(),
        public_ips: public_ips.iter().map(|ip| ip.parse().unwrap()).collect(),
        ..Default::default()
    };
    Endpoint::bind(config).await.unwrap()
}

/// A message there and one back.
async fn talk(a: &Endpoint, b: &Endpoint) -> Pair {
    let pair = pair(a, b).await;
    within(pair.near.send(Message::text("there"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("there")));
    within(pair.far.send(Message::text("back"))).await.unwrap();
    assert_eq!(within(pair.near.recv()).await, Some(Message::text("back")));
    pair
}

#[tokio::test]
async fn bound_to_all_addresses_of_the_host() {
    let (a, b) = (bind("0.0.0.0:0", &[]).await, bind("[::]:0", &[]).await);
    assert!(!a.local_addresses().is_empty());
    assert!(a.local_addresses().iter().all(std::net::SocketAddr::is_ipv4));
    let pair = talk(&a, &b).await;
    let path = pair.caller.stats().path.unwrap();
    assert!(a.local_addresses().contains(&path.local), "{path}");
    assert!(b.local_addresses().contains(&path.remote), "{path}");
}

#[tokio::test]
async fn over_ipv6() {
    let config = EndpointConfig { udp: "[::1]:0".parse().unwrap(), ..Default::default() };
    let both = (Endpoint::bind(config.clone()).await, Endpoint::bind(config).await);
    let (Ok(a), Ok(b)) = both else {
        return println!("skipped: this host has no IPv6");
    };
    let pair = talk(&a, &b).await;
    assert!(pair.caller.stats().path.unwrap().remote.is_ipv6());
}

#[tokio::test]
async fn a_public_address_is_announced_in_place_of_the_hosts_own() {
    // Loopback plays the address that a 1:1 NAT has outside.
    let (server, client) = (bind("0.0.0.0:0", &["127.0.0.1"]).await, endpoint().await);
    let pair = talk(&client, &server).await;
    let sdp = pair.callee.local_description().unwrap().sdp;
    let candidates: Vec<&str> =
        sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    assert_eq!(candidates.len(), 1, "{candidates:?}");
    assert!(candidates[0].contains(" 127.0.0.1 "), "{candidates:?}");
    assert_eq!(pair.callee.stats().path.unwrap().local, server.local_addresses()[0]);
}

#[tokio::test]
async fn a_filter_chooses_addresses() {
    let none = EndpointConfig {
        udp: "0.0.0.0:0".parse().unwrap(),
        addresses: AddressFilter { interfaces: vec!["nosuch0".into()], ..Default::default() },
        ..Default::default()
    };
    let endpoint = Endpoint::bind(none).await.unwrap();
    assert_eq!(endpoint.local_addresses(), []);
    let connection = endpoint.peer_connection(Config::default()).unwrap();
    let offer = connection.create_offer(Default::default()).await.unwrap();
    assert!(!offer.sdp.contains("a=candidate:"));
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let first = endpoint().await;
    let config = EndpointConfig { udp: first.local_addresses()[0], ..Default::default() };
    let error = Endpoint::bind(config).await.unwrap_err();
    assert!(
        matches!(&error, BindError::Socket { address, .. }
        if *address == first.local_addresses()[0]),
        "{error}"
    );
}
