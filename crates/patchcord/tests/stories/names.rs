//! Names of multicast DNS, on the loopback interface.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use patchcord::{
    Config, DataChannelInit, Endpoint, Mdns, Message, PeerConnection, SessionDescription,
};

use crate::support::*;

/// Whether what is sent to a group comes back: not every machine can do that.
fn has_multicast() -> bool {
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let works = || {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
        let sender = UdpSocket::bind("127.0.0.1:0")?;
        sender.send_to(b"anybody?", (group, socket.local_addr()?.port()))?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        socket.recv_from(&mut [0; 16]).map(|_| ())
    };
    let worked: std::io::Result<()> = works();
    if let Err(error) = &worked {
        println!("skipped: no multicast on the loopback interface: {error}");
    }
    worked.is_ok()
}

fn with(endpoint: &Endpoint, mdns: Mdns) -> PeerConnection {
    let mut config = Config::default();
    config.mdns = mdns;
    endpoint.peer_connection(config).unwrap()
}

async fn offer(connection: &PeerConnection) -> SessionDescription {
    let _ = connection.create_data_channel("x", DataChannelInit::default()).unwrap();
    connection.set_local_description(None).await.unwrap();
    within(connection.gathering_complete()).await;
    connection.local_description().unwrap()
}

/// The address and the port of its only candidate.
fn candidate(description: &SessionDescription) -> (String, String) {
    let mut lines = description.sdp.lines().filter(|line| line.starts_with("a=candidate:"));
    let words: Vec<&str> = lines.next().unwrap().split(' ').collect();
    assert_eq!(lines.next(), None);
    (words[4].to_owned(), words[5].to_owned())
}

#[tokio::test]
async fn a_name_is_told_and_whoever_hears_it_finds_the_address() {
    if !has_multicast() {
        return;
    }
    let (here, there) = (endpoint().await, endpoint().await);
    let caller = with(&here, Mdns::Offer);
    let mut offer = offer(&caller).await;
    let (name, port) = candidate(&offer);
    assert!(name.ends_with(".local") && name.len() == 42, "{name}");
    assert!(offer.sdp.contains("m=application 9 ") && offer.sdp.contains("c=IN IP4 0.0.0.0"));
    // Another socket of that host plays the caller, so that none of its checks is faster.
    let witness = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let ours = witness.local_addr().unwrap().port().to_string();
    offer.sdp = offer.sdp.replace(&format!("{name} {port}"), &format!("{name} {ours}"));
    let callee = with(&there, Mdns::Resolve);
    callee.set_remote_description(offer).await.unwrap();
    callee.set_local_description(None).await.unwrap();
    let mut check = [0; 1500];
    let (len, from) = within(witness.recv_from(&mut check)).await.unwrap();
    assert!(stun::is_stun(&check[..len]));
    assert_eq!(from, there.local_addresses()[0]);
}

#[tokio::test]
async fn all_connections_of_an_endpoint_have_one_name_and_endpoints_have_others() {
    let (a, b) = (endpoint().await, endpoint().await);
    let mut names = Vec::new();
    for (endpoint, mdns) in
        [(&a, Mdns::Offer), (&a, Mdns::Offer), (&b, Mdns::Offer), (&a, Mdns::Resolve)]
    {
        names.push(candidate(&offer(&with(endpoint, mdns)).await).0);
    }
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
    assert_eq!(names[3], "127.0.0.1");
}

#[tokio::test]
async fn two_that_hide_find_each_other() {
    if !has_multicast() {
        return;
    }
    let (here, there) = (endpoint().await, endpoint().await);
    let pair = pair_with(with(&here, Mdns::Offer), with(&there, Mdns::Offer)).await;
    within(pair.near.send(Message::text("found"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("found")));
    let expected: SocketAddr = there.local_addresses()[0];
    assert_eq!(pair.caller.stats().path.unwrap().remote, expected);
}

#[tokio::test]
async fn names_that_are_not_resolved_are_no_obstacle() {
    let (here, there) = (endpoint().await, endpoint().await);
    let callee = with(&there, Mdns::Off);
    let pair = pair_with(with(&here, Mdns::Offer), callee).await;
    within(pair.near.send(Message::text("hello"))).await.unwrap();
    assert_eq!(within(pair.far.recv()).await, Some(Message::text("hello")));
}
