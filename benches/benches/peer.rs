//! Two whole connections on one thread: what setting one up costs, and what a megabyte does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use peer::{
    Certificate, ChannelId, Config, DataChannelInit, Event, Message, OfferOptions, PeerConnection,
};
use sansio::{Datagram, Instant, Machine};
use testkit::SeededRng;

/// Two connections and a wire that takes no time.
struct Duet {
    peers: [PeerConnection; 2],
    now: Instant,
    wire: Vec<u8>,
}

impl Duet {
    fn new(config: &Config) -> Self {
        let peers = [1, 2].map(|n: u8| {
            let rng = Box::new(SeededRng::new(n.into()));
            let mut peer = PeerConnection::new(config.clone(), rng);
            peer.add_local_candidate(Instant::ZERO, SocketAddr::from(([10, 0, 0, n], 5000)));
            peer.end_of_local_candidates(Instant::ZERO);
            peer
        });
        Self { peers, now: Instant::ZERO, wire: Vec::new() }
    }

    /// Offer, answer, and everything up to an open channel.
    fn connect(&mut self) -> ChannelId {
        let now = self.now;
        let [a, b] = &mut self.peers;
        a.create_data_channel(now, "bench", &DataChannelInit::default()).expect("a channel");
        let offer = a.create_offer(now, OfferOptions::default()).expect("an offer");
        a.set_local_description(now, Some(offer.clone())).expect("it is ours");
        b.set_remote_description(now, offer).expect("it is ours");
        let answer = b.create_answer(now).expect("an answer");
        b.set_local_description(now, Some(answer.clone())).expect("it is ours");
        a.set_remote_description(now, answer).expect("it is ours");
        let mut channel = None;
        while channel.is_none() {
            self.exchange();
            while let Some(event) = self.peers[0].poll_event() {
                if let Event::ChannelOpen(id) = event {
                    channel = Some(id);
                }
            }
            self.now += Duration::from_millis(1);
        }
        channel.expect("the loop ended")
    }

    /// Carries datagrams until neither has more.
    fn exchange(&mut self) {
        let Self { peers, now, wire } = self;
        let mut quiet = 0;
        let mut turn = 0;
        while quiet < 2 {
            let [a, b] = peers;
            let (from, to) = if turn == 0 { (a, b) } else { (b, a) };
            turn = 1 - turn;
            quiet += 1;
            from.handle_timeout(*now);
            while let Some(transmit) = from.poll_transmit(*now, wire) {
                let datagram = Datagram::new(transmit.path.reversed(), *now, wire);
                let _ = to.handle_input(*now, datagram);
                wire.clear();
                quiet = 0;
            }
        }
    }
}

fn benches(criterion: &mut Criterion) {
    let config = Config::new(Arc::new(Certificate::generate().expect("a certificate")));
    criterion.bench_function("peer: offer to open channel, both ends", |bencher| {
        bencher.iter_batched_ref(|| Duet::new(&config), Duet::connect, BatchSize::SmallInput);
    });

    let mut group = criterion.benchmark_group("peer: data channel, both ends");
    for size in [1024, 65_536] {
        let mut duet = Duet::new(&config);
        let here = duet.connect();
        let mut there = None;
        let message = Message::binary(vec![7; size]);
        group.throughput(Throughput::Bytes(1 << 20));
        group.bench_function(format!("1 MiB in messages of {size}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..(1 << 20) / size {
                    let sent = duet.peers[0].channel_send(duet.now, here, message.clone());
                    sent.expect("a mebibyte fits the buffer");
                }
                let mut received = 0;
                while received < 1 << 20 {
                    duet.exchange();
                    while let Some(event) = duet.peers[1].poll_event() {
                        if let Event::DataChannel(id) = event {
                            there = Some(id);
                        }
                    }
                    let Some(id) = there else { continue };
                    while let Some(message) = duet.peers[1].channel_read(duet.now, id) {
                        received += message.data.len();
                    }
                    duet.now += Duration::from_millis(1);
                }
            });
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
