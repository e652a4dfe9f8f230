//! The whole stack between networks that let nothing through but a relay: candidates trickle, the
//! handshake and the channel go by way of it.

#![cfg(test)]

mod call;

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::VecDeque;

use call::{certificate, read_all};
use patchcord_peer::{
    ChannelId, Config, DataChannelInit, Event, Families, IceCandidate, Message, OfferOptions,
    PeerConnection, RelayId, RelayServer, SocketId,
};
use sansio::{Datagram, Instant, Machine, Path, Transmit, Transport};
use stun::behavior::Dependence::AddressAndPortDependent;
use testkit::SeededRng;
use testkit::internet::{
    self, Firewall, Internet, Nat, Place, StreamNews, StreamRequest, TurnServer,
};

/// A connection with its shell.
struct Host {
    peer: PeerConnection,
    ip: IpAddr,
    events: Vec<Event>,
    /// Candidates that signalling has not carried yet.
    candidates: Vec<Option<IceCandidate>>,
    sockets: Vec<(SocketId, Path)>,
    streams: VecDeque<StreamRequest>,
    next_port: u16,
}

impl Host {
    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.peer.poll_event() {
            match &event {
                Event::SocketWanted(wanted) => {
                    self.next_port += 1;
                    let local = SocketAddr::new(self.ip, self.next_port);
                    let remote = wanted.to.address().expect("relays with addresses");
                    let path = Path { local, remote, transport: wanted.transport };
                    self.sockets.push((wanted.id, path));
                    match wanted.transport {
                        Transport::Udp => self.peer.handle_opened(now, wanted.id, path),
                        _ => self.streams.push_back(StreamRequest::Connect(path)),
                    }
                }
                Event::SocketReleased(id) => {
                    let gone = self.sockets.extract_if(.., |(socket, _)| socket == id);
                    let streams = gone.filter(|(_, path)| path.transport != Transport::Udp);
                    self.streams.extend(streams.map(|(_, path)| StreamRequest::Close(path)));
                }
                Event::IceCandidate(candidate) => self.candidates.push(candidate.clone()),
                _ => {}
            }
            self.events.push(event);
        }
    }

    fn channel(&self) -> Option<ChannelId> {
        self.events.iter().find_map(|event| match event {
            Event::DataChannel(id) | Event::ChannelOpen(id) => Some(*id),
            _ => None,
        })
    }
}

impl internet::Host for Host {
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) {
        // What is not used is counted.
        let _ = self.peer.handle_input(now, input);
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.peer.handle_timeout(now);
        self.settle(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let transmit = self.peer.poll_transmit(now, buf);
        self.settle(now);
        transmit
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.peer.poll_timeout()
    }

    fn poll_stream(&mut self) -> Option<StreamRequest> {
        self.streams.pop_front()
    }

    fn handle_stream(&mut self, now: Instant, path: Path, news: StreamNews) {
        let own = self.sockets.iter().find(|(_, socket)| *socket == path).map(|(id, _)| *id);
        match (news, own) {
            (StreamNews::Connected, Some(id)) => self.peer.handle_opened(now, id, path),
            (StreamNews::Closed, Some(id)) => self.peer.handle_closed(now, id),
            _ => {}
        }
        self.settle(now);
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A host with an address and a relay.
fn host(n: u8, address: &str, transport: Transport, port: u16) -> Host {
    let mut peer = PeerConnection::new(Config::new(certificate()), SeededRng::boxed(u64::from(n)));
    let ip: IpAddr = address.parse().unwrap();
    let now = Instant::ZERO;
    peer.add_local_candidate(now, SocketAddr::new(ip, 5000));
    let relay = RelayServer {
        id: RelayId(0),
        addresses: vec![SocketAddr::from(([192, 0, 2, 3], port))],
        transport,
        server_name: (transport == Transport::Tls).then(|| "turn.example.org".into()),
        username: "alice".into(),
        password: "wonderland".into(),
        families: Families::Ipv4,
    };
    peer.add_relay(now, relay).unwrap();
    peer.end_of_local_candidates(now);
    let (events, candidates, sockets) = (Vec::new(), Vec::new(), Vec::new());
    Host { peer, ip, events, candidates, sockets, streams: VecDeque::new(), next_port: 40_000 }
}

/// Lets time pass in steps of 10 ms; candidates that a side has found reach the other one 50 ms
/// later.
fn run_with_signalling(
    net: &mut Internet<Host>,
    hosts: [Place; 2],
    mut until: impl FnMut(&Internet<Host>) -> bool,
    limit: Duration,
) -> bool {
    let end = net.now + limit;
    let mut under_way: VecDeque<(Instant, usize, Option<IceCandidate>)> = VecDeque::new();
    while net.now < end && !until(net) {
        for side in [0, 1] {
            let found: Vec<_> = net[hosts[side]].candidates.drain(..).collect();
            under_way.extend(found.into_iter().map(|it| (net.now + ms(50), 1 - side, it)));
        }
        while let Some((_, side, candidate)) = under_way.pop_front_if(|it| it.0 <= net.now) {
            let now = net.now;
            net[hosts[side]].peer.add_ice_candidate(now, candidate).unwrap();
        }
        net.run_for(ms(10));
    }
    until(net)
}

#[test]
fn a_channel_opens_by_way_of_a_relay() {
    //  a ─ 5 ms ─ strict NAT ─ 20 ms ─ core, relay ─ 20 ms ─ TCP 443 only ─ 5 ms ─ b
    let mut net = Internet::new(1);
    let relay = net.turn_server(Place::CORE, ms(0), TurnServer::new(&["192.0.2.3"], 1));
    let strict = Nat::new("203.0.113.1", AddressAndPortDependent, AddressAndPortDependent);
    let home = net.nat(Place::CORE, ms(20), strict);
    let office = net.firewall(Place::CORE, ms(20), Firewall::tcp_443_only());
    let a = host(1, "10.0.0.2", Transport::Udp, 3478);
    let b = host(2, "198.51.100.2", Transport::Tls, 443);
    let a = net.host(home, ms(5), &["10.0.0.2"], a);
    let b = net.host(office, ms(5), &["198.51.100.2"], b);

    let now = net.now;
    net[a].peer.create_data_channel(now, "d", &DataChannelInit::default()).unwrap();
    let offer = net[a].peer.create_offer(now, OfferOptions::default()).unwrap();
    net[a].peer.set_local_description(now, Some(offer.clone())).unwrap();
    net.run_for(ms(50));
    let now = net.now;
    net[b].peer.set_remote_description(now, offer).unwrap();
    let answer = net[b].peer.create_answer(now).unwrap();
    net[b].peer.set_local_description(now, Some(answer.clone())).unwrap();
    net.run_for(ms(50));
    let now = net.now;
    net[a].peer.set_remote_description(now, answer).unwrap();

    let both = |net: &Internet<Host>| [a, b].iter().all(|it| net[*it].channel().is_some());
    assert!(run_with_signalling(&mut net, [a, b], both, ms(5000)));
    // b has its relay after 200 ms (TCP, TLS, a challenge, the allocation: 50 ms each), and a knows of
    // it 50 ms later. Then it is as without a relay: two round trips, the handshake in the checks.
    assert!(net.now <= Instant::from_millis(200 + 50 + 200), "{}", net.now);
    let channels = [a, b].map(|it| net[it].channel().unwrap());
    for (from, to) in [(0, 1), (1, 0)] {
        let [sender, receiver] = [from, to].map(|side| [a, b][side]);
        let now = net.now;
        let text = Message::text("by way of a relay");
        net[sender].peer.channel_send(now, channels[from], text.clone()).unwrap();
        net.run_for(ms(100));
        let now = net.now;
        assert_eq!(read_all(&mut net[receiver].peer, now, channels[to]), [text]);
    }
    let path = net[b].peer.stats().path.unwrap();
    assert_eq!(path.transport, Transport::Tls, "{path:?}");

    // Goodbye, and the allocations are given back.
    assert_eq!(net.turn_at(relay).server.stats().allocations, 2);
    for host in [a, b] {
        let now = net.now;
        net[host].peer.close(now);
        net.run_for(ms(1000));
    }
    assert_eq!(net.turn_at(relay).server.stats().allocations, 0);
}
