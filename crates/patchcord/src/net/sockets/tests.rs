use core::future::poll_fn;
use core::time::Duration;

use sansio::{Ecn, Instant};

use super::*;
use crate::net::{Outbox, Packet};

/// Waits for datagrams until `count` have come, and returns them with what came along.
async fn receive(sockets: &Sockets, count: usize) -> Vec<(Lane, SocketAddr, Ecn, Vec<u8>)> {
    let (mut inbox, mut got, mut last) = (Inbox::new(), Vec::new(), 0);
    while got.len() < count {
        let ready = poll_fn(|cx| sockets.poll_recv_ready(cx, last));
        let (n, lane, family) =
            tokio::time::timeout(Duration::from_secs(10), ready).await.expect("a datagram");
        last = n;
        let Ok(buffers) = sockets.recv(Port::Shared(lane), family, &mut inbox) else { continue };
        for arrival in inbox.arrivals(buffers, Instant::ZERO) {
            assert_eq!(arrival.destination, Some(IpAddr::from([127, 0, 0, 1])));
            got.push((lane, arrival.remote, arrival.ecn, arrival.data.to_vec()));
        }
    }
    got
}

/// Sends when the socket is ready, which a new one is not before the reactor says so.
async fn send(sockets: &Sockets, run: &Run, bytes: &[u8]) -> Sent {
    poll_fn(|cx| sockets.poll_send_ready(cx, &run.head)).await;
    sockets.send(run, bytes)
}

fn any_port() -> Ports {
    Ports::new(None, 0)
}

fn localhost() -> Sockets {
    Sockets::bind(SocketAddr::from(([127, 0, 0, 1], 0)), any_port()).unwrap()
}

#[tokio::test]
async fn a_run_arrives_as_its_datagrams() {
    let (from, to) = (localhost(), localhost());
    let destination = to.addresses().next().unwrap();
    let mut outbox = Outbox::default();
    for (n, len) in [1000, 1000, 1000, 40].into_iter().enumerate() {
        outbox.bytes.resize(outbox.bytes.len() + len, n as u8);
        let head = Head { port: Port::Shared(Lane(0)), source: None, destination, ecn: Ecn::Ect0 };
        outbox.push(Packet { head, len });
    }
    let mut calls = 0;
    while let Some((run, bytes)) = outbox.next_run(|head| from.max_segments(head)) {
        assert!(matches!(send(&from, &run, bytes).await, Sent::Done));
        calls += 1;
        outbox.advance(&run);
    }
    if cfg!(target_os = "linux") {
        assert_eq!(calls, 1);
    }
    // quinn-udp 0.6.3 loses the ECN bits of datagrams that the kernel coalesced: its buffer for
    // control messages has no room for them behind time stamp, address and segment size.
    let source = from.addresses().next().unwrap();
    let got = receive(&to, 4).await;
    for (n, (arrived, len)) in got.iter().zip([1000, 1000, 1000, 40]).enumerate() {
        assert_eq!((arrived.0, arrived.1), (Lane(0), source));
        assert!(arrived.3 == vec![n as u8; len], "datagram {n}");
    }
}

#[tokio::test]
async fn ecn_arrives() {
    let (from, to) = (localhost(), localhost());
    let destination = to.addresses().next().unwrap();
    for ecn in [Ecn::NotEct, Ecn::Ect0, Ecn::Ect1, Ecn::Ce] {
        let head = Head { port: Port::Shared(Lane(0)), source: None, destination, ecn };
        let run = Run { head, count: 1, segment: 2, len: 2 };
        assert!(matches!(send(&from, &run, b"hi").await, Sent::Done));
        assert_eq!(receive(&to, 1).await[0].2, ecn);
    }
}

#[tokio::test]
async fn a_lane_is_a_socket_of_its_own() {
    let (mut from, to) = (localhost(), localhost());
    from.ensure(Lane(3), Family::V4).unwrap();
    from.ensure(Lane(3), Family::V4).unwrap();
    assert_eq!(from.open.len(), 2);
    assert!(from.ensure(Lane(1), Family::V6).is_err(), "the endpoint has no IPv6");
    let destination = to.addresses().next().unwrap();
    let head = Head { port: Port::Shared(Lane(3)), source: None, destination, ecn: Ecn::NotEct };
    let run = Run { head, count: 1, segment: 2, len: 2 };
    assert!(matches!(send(&from, &run, b"hi").await, Sent::Done));
    let got = receive(&to, 1).await;
    assert_ne!(got[0].1, from.addresses().next().unwrap());
    // An answer comes back on that lane.
    let head =
        Head { port: Port::Shared(Lane(0)), source: None, destination: got[0].1, ecn: Ecn::NotEct };
    assert!(matches!(send(&to, &Run { head, ..run }, b"ho").await, Sent::Done));
    assert_eq!(receive(&from, 1).await[0].0, Lane(3));
}

#[tokio::test]
async fn both_families_share_a_port() {
    let sockets = Sockets::bind("[::]:0".parse().unwrap(), any_port()).unwrap();
    let addresses: Vec<SocketAddr> = sockets.addresses().collect();
    assert!(addresses.iter().all(|a| a.port() == addresses[0].port() && a.port() != 0));
    let four = Sockets::bind("0.0.0.0:0".parse().unwrap(), any_port()).unwrap();
    assert!(four.addresses().all(|a| a.is_ipv4()));
    // The port is taken, in both families.
    let again = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), addresses[0].port());
    assert!(matches!(Sockets::bind(again, any_port()), Err(BindError::Socket { .. })));
}

#[tokio::test]
async fn a_datagram_that_is_too_large_is_lost_and_nothing_else() {
    let (from, to) = (localhost(), localhost());
    let destination = to.addresses().next().unwrap();
    let head = Head { port: Port::Shared(Lane(0)), source: None, destination, ecn: Ecn::NotEct };
    let huge = vec![0; 70_000];
    let run = Run { head, count: 1, segment: huge.len(), len: huge.len() };
    assert!(matches!(send(&from, &run, &huge).await, Sent::Lost(_)));
    let run = Run { head, count: 1, segment: 2, len: 2 };
    assert!(matches!(send(&from, &run, b"ok").await, Sent::Done));
    assert_eq!(receive(&to, 1).await[0].3, b"ok");
}

#[tokio::test]
async fn every_socket_keeps_to_the_ports() {
    // Some of them may be taken by others.
    let range = 43_000..=43_100;
    let ports = Ports::new(Some(range.clone()), 50);
    let mut sockets = Sockets::bind(SocketAddr::from(([127, 0, 0, 1], 0)), ports).unwrap();
    for lane in 1..10 {
        sockets.ensure(Lane(lane), Family::V4).unwrap();
    }
    let bound: Vec<u16> =
        sockets.lanes.iter().flatten().flatten().map(|s| s.address().port()).collect();
    assert_eq!(bound.len(), 10);
    assert!(bound.iter().all(|port| range.contains(port)), "{bound:?}");
    assert_eq!(sockets.lanes[0].iter().flatten().count(), 1);
    // Both families have one port.
    let both =
        Sockets::bind("[::]:0".parse().unwrap(), Ports::new(Some(range.clone()), 7)).unwrap();
    let bound: Vec<u16> = both.addresses().map(|address| address.port()).collect();
    assert!(range.contains(&bound[0]) && bound.iter().all(|port| *port == bound[0]), "{bound:?}");
}
