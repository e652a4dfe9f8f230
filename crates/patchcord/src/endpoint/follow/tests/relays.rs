//! The way to a relay begins at an address that goes.

use core::net::{IpAddr, SocketAddr};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use peer::{DataChannelInit, Message};
use sansio::{Clock, Datagram, Machine, Path};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use turn::server::{self, PeerPolicy, RelayAddress, Server, StaticUsers};

use super::{next, on_host, until, wildcard};
use crate::endpoint::Endpoint;
use crate::endpoint::tests::{config, connection, signal};
use crate::{CandidatePolicy, Config, Event, IceServer, PeerConnection};

const LOOPBACK: IpAddr = IpAddr::V4(core::net::Ipv4Addr::LOCALHOST);

fn machine(mobility: bool) -> Server {
    let mut users = StaticUsers::new("test");
    users.add("alice", "wonderland");
    let config = server::Config {
        realm: "test".into(),
        relays: vec![RelayAddress::new(LOOPBACK)],
        peers: PeerPolicy {
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
            ..PeerPolicy::default()
        },
        mobility,
        ..server::Config::default()
    };
    Server::new(config, Box::new(users), Box::new(testkit::SeededRng::new(7))).unwrap()
}

type Inputs = UnboundedSender<(Path, Vec<u8>)>;

async fn bind(address: SocketAddr, inputs: Inputs) -> io::Result<(SocketAddr, Arc<UdpSocket>)> {
    let socket = Arc::new(UdpSocket::bind(address).await?);
    let (local, reader) = (socket.local_addr().unwrap(), Arc::clone(&socket));
    tokio::spawn(async move {
        let mut buf = vec![0; 65_536];
        while let Ok((len, from)) = reader.recv_from(&mut buf).await {
            let _ = inputs.send((Path::udp(local, from), buf[..len].to_vec()));
        }
    });
    Ok((local, socket))
}

/// A TURN server on UDP: where it is, and how many allocations it has made.
async fn turn_server(mobility: bool) -> (SocketAddr, Arc<AtomicU64>) {
    let (inputs, mut arrivals) = unbounded_channel();
    let (address, main) = bind(SocketAddr::new(LOOPBACK, 0), inputs.clone()).await.unwrap();
    let made = Arc::new(AtomicU64::new(0));
    let allocated = Arc::clone(&made);
    tokio::spawn(async move {
        let (mut server, clock) = (machine(mobility), Clock::start());
        let mut sockets = HashMap::from([(address, main)]);
        while let Some((path, mut data)) = arrivals.recv().await {
            let (now, mut out) = (clock.now(), Vec::new());
            let input = Datagram::new(path, now, &mut data);
            if let Ok(Some(transmit)) = server.forward(now, input, &mut out) {
                let _ = sockets[&transmit.path.local].send_to(&out, transmit.path.remote).await;
            }
            while let Some(event) = server.poll_event() {
                if let server::Event::OpenRelay(relay) = event {
                    match bind(relay.local, inputs.clone()).await {
                        Ok((local, socket)) => {
                            sockets.insert(local, socket);
                            server.handle_opened(now, relay);
                        }
                        // Another story's server has the port.
                        Err(_) => server.handle_open_failed(now, relay),
                    }
                }
            }
            out.clear();
            while let Some(transmit) = server.poll_transmit(now, &mut out) {
                let _ = sockets[&transmit.path.local].send_to(&out, transmit.path.remote).await;
                out.clear();
            }
            allocated.store(server.stats().allocated, Ordering::Release);
        }
    });
    (address, made)
}

fn candidates(connection: &PeerConnection) -> Vec<String> {
    let sdp = connection.local_description().unwrap().sdp;
    let lines = sdp.lines().filter(|line| line.starts_with("a=candidate:"));
    lines.map(str::to_owned).collect()
}

/// A call by a relay alone goes on when the address is gone from which the relay was reached: from
/// another socket, by the same allocation or another one.
async fn call(mobility: bool, continual_gathering: Option<bool>) {
    let (server, allocated) = turn_server(mobility).await;
    // The system reaches it from this address, whatever we make up later.
    let (endpoint, host) = on_host(&["127.0.0.1"], wildcard());
    let other = Endpoint::bind(config()).await.unwrap();
    let relayed = Config {
        ice_servers: vec![IceServer::turn(format!("turn:{server}"), "alice", "wonderland")],
        ice_transport_policy: CandidatePolicy::Relay,
        continual_gathering,
        ..Config::default()
    };
    let mobile = endpoint.peer_connection(relayed).unwrap();
    let fixed = connection(&other);
    let channel = mobile.create_data_channel("x", DataChannelInit::default()).unwrap();
    mobile.set_local_description(None).await.unwrap();
    until(|| !candidates(&mobile).is_empty()).await;
    signal(&mobile, &fixed).await;
    assert!(channel.opened().await);
    let Some(Event::DataChannel(far)) = next(&fixed, |e| matches!(e, Event::DataChannel(_))).await
    else {
        panic!("no channel")
    };
    let socket = || mobile.stats().path.map(|path| path.local);
    let (socket_before, before) = (socket(), candidates(&mobile));
    host.set(&["127.0.0.3"]);
    until(|| socket().is_some_and(|now| Some(now) != socket_before)).await;
    for n in 0..3 {
        let text = format!("still here {n}");
        channel.send(Message::text(text.as_str())).await.unwrap();
        assert_eq!(far.recv().await, Some(Message::text(text.as_str())));
        far.send(Message::text("good")).await.unwrap();
        assert_eq!(channel.recv().await, Some(Message::text("good")));
    }
    let after = candidates(&mobile);
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!(after == before, mobility, "{before:?} {after:?}");
    assert_eq!(allocated.load(Ordering::Acquire), if mobility { 1 } else { 2 });
}

#[tokio::test]
async fn an_allocation_that_can_move_comes_along() {
    call(true, None).await;
}

#[tokio::test]
async fn another_one_takes_the_place_of_an_allocation_that_cannot() {
    call(false, None).await;
}

#[tokio::test]
async fn a_relay_is_kept_even_where_candidates_do_not_follow_the_host() {
    call(true, Some(false)).await;
}
