//! Streams: connected in round trips, in order, whatever the wires do.

use patchcord_testkit::internet::{Nat, Place, StreamNews, StreamRequest};
use sansio::{Instant, Path, Transport};
use stun::behavior::Dependence::EndpointIndependent;

use crate::talker::{Net, Talker, at, ms};

const SERVER: &str = "192.0.2.1:443";

/// A client behind a NAT 50 ms from its server.
fn scene() -> (Net, Place, Place) {
    let mut net = Net::new(1);
    let home = Nat::new("203.0.113.1", EndpointIndependent, EndpointIndependent);
    let home = net.nat(Place::CORE, ms(40), home);
    let client = net.host(home, ms(10), &["10.0.0.2"], Talker::default());
    let server = Talker { port: Some(443), ..Talker::default() };
    let server = net.host(Place::CORE, ms(0), &["192.0.2.1"], server);
    (net, client, server)
}

fn path(transport: Transport) -> Path {
    Path { local: at("10.0.0.2:5000"), remote: at(SERVER), transport }
}

fn connect(net: &mut Net, client: Place, transport: Transport) {
    net[client].requests.push_back(StreamRequest::Connect(path(transport)));
    net.run_for(ms(1000));
    assert_eq!(net[client].news.len(), 1);
}

#[test]
fn tcp_takes_one_round_trip_and_tls_two() {
    for (transport, connected, accepted) in [(Transport::Tcp, 100, 50), (Transport::Tls, 200, 150)]
    {
        let (mut net, client, server) = scene();
        connect(&mut net, client, transport);
        let (time, _, news) = net[client].news[0];
        assert_eq!((time, news), (Instant::from_millis(connected), StreamNews::Connected));
        let (time, at_server, news) = net[server].news[0];
        assert_eq!((time, news), (Instant::from_millis(accepted), StreamNews::Accepted));
        assert_eq!((at_server.local, at_server.transport), (at(SERVER), transport));
        assert_eq!(at_server.remote.ip(), at("203.0.113.1:0").ip());

        // Both ways, and the end.
        net[client].to_say.push_back((path(transport), vec![1]));
        net[server].to_say.push_back((at_server, vec![2]));
        net[client].requests.push_back(StreamRequest::Close(path(transport)));
        net.run_for(ms(1000));
        let heard: Vec<_> =
            net[server].heard.iter().map(|(_, path, data)| (*path, data[0])).collect();
        assert_eq!(heard, [(at_server, 1)]);
        assert_eq!(net[client].heard, [], "closed before it arrived");
        assert_eq!(net[server].news.last().map(|(_, _, news)| *news), Some(StreamNews::Closed));
    }
}

#[test]
fn what_wires_do_to_datagrams_happens_to_no_stream() {
    let (mut net, client, server) = scene();
    connect(&mut net, client, Transport::Tcp);
    let up = net.up(client);
    (up.loss, up.duplicate, up.reorder, up.corrupt) = (0.3, 0.3, 0.3, 1.0);
    up.mtu = Some(10);
    for n in 0..100 {
        net[client].to_say.push_back((path(Transport::Tcp), vec![n; 100]));
        net.run_for(ms(1));
    }
    net.run_for(ms(10_000));
    let heard: Vec<_> = net[server].heard.iter().map(|(_, _, data)| data.clone()).collect();
    let said: Vec<_> = (0..100).map(|n| vec![n; 100]).collect();
    assert_eq!(heard, said);
    // What was sent before the end arrives before it.
    net[client].to_say.push_back((path(Transport::Tcp), vec![7]));
    net[client].requests.push_back(StreamRequest::Close(path(Transport::Tcp)));
    net.run_for(ms(10_000));
    assert_eq!(net[server].heard.len(), 101);
    assert_eq!(net[server].news.last().map(|(_, _, news)| *news), Some(StreamNews::Closed));
}

#[test]
fn what_does_not_stand_carries_nothing() {
    let (mut net, client, server) = scene();
    net[client].to_say.push_back((path(Transport::Tcp), vec![1]));
    net.run_for(ms(1000));
    assert_eq!(net[server].heard, []);
    assert_eq!(net.trace.entries().filter(|entry| entry.dropped.is_some()).count(), 1);
}

#[test]
fn two_that_connect_at_once_share_one_stream() {
    let mut net = Net::new(1);
    let ends = ["198.51.100.1:9", "198.51.100.2:9"];
    let hosts = ["198.51.100.1", "198.51.100.2"]
        .map(|address| net.host(Place::CORE, ms(25), &[address], Talker::default()));
    let path = Path { local: at(ends[0]), remote: at(ends[1]), transport: Transport::Tcp };
    net[hosts[0]].requests.push_back(StreamRequest::Connect(path));
    net[hosts[1]].requests.push_back(StreamRequest::Connect(path.reversed()));
    net.run_for(ms(1000));
    for (host, path) in hosts.into_iter().zip([path, path.reversed()]) {
        assert_eq!(net[host].news, [(Instant::from_millis(50), path, StreamNews::Connected)]);
        net[host].to_say.push_back((path, vec![1]));
    }
    net.run_for(ms(1000));
    assert!(hosts.iter().all(|host| net[*host].heard.len() == 1));
}
