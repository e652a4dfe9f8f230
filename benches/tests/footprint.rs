//! What an idle peer keeps on the heap, and what a channel adds. Without the harness, whose threads
//! allocate.
#![expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call goes on to System")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::time::Duration;

use peer::{Certificate, Config, DataChannelInit, PeerConnection};
use sansio::{Datagram, Instant, Machine};
use testkit::SeededRng;

/// Bytes on the heap, as they were asked for.
static LIVE: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static GLOBAL: Weighing = Weighing;

struct Weighing;

// SAFETY: as System, to which every call is passed on unchanged.
unsafe impl GlobalAlloc for Weighing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promises are System's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

/// Two peers on a wire that takes no time.
struct Pair {
    peers: [PeerConnection; 2],
    now: Instant,
    buf: Vec<u8>,
}

impl Pair {
    fn new(config: &Config, seed: u64) -> Self {
        let peers = [1, 2].map(|n| {
            let rng = Box::new(SeededRng::new(seed * 2 + u64::from(n)));
            let mut peer = PeerConnection::new(config.clone(), rng);
            peer.add_local_candidate(Instant::ZERO, SocketAddr::from(([10, 0, 0, n], 5000)));
            peer.end_of_local_candidates(Instant::ZERO);
            peer
        });
        Self { peers, now: Instant::ZERO, buf: Vec::with_capacity(2048) }
    }

    /// Offer, answer, and an open channel.
    fn connect(&mut self) {
        let now = self.now;
        let [a, b] = &mut self.peers;
        a.create_data_channel(now, "d", &DataChannelInit::default()).unwrap();
        a.set_local_description(now, None).unwrap();
        b.set_remote_description(now, a.local_description().unwrap()).unwrap();
        b.set_local_description(now, None).unwrap();
        a.set_remote_description(now, b.local_description().unwrap()).unwrap();
        self.run_for(Duration::from_secs(60));
        assert!(self.peers.iter().all(|peer| peer.channel_count() == 1));
    }

    fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            while self.carry() {}
            let next = self.peers.iter().filter_map(Machine::poll_timeout).min();
            self.now = next.map_or(end, |next| next.clamp(self.now, end));
            for peer in &mut self.peers {
                peer.handle_timeout(self.now);
            }
            if self.now == end {
                while self.carry() {}
                return;
            }
        }
    }

    /// Whether something was on its way.
    fn carry(&mut self) -> bool {
        let mut any = false;
        for n in [0, 1] {
            while let Some(transmit) = self.peers[n].poll_transmit(self.now, &mut self.buf) {
                any = true;
                let path = transmit.path.reversed();
                let input = Datagram::new(path, self.now, &mut self.buf);
                let _ = self.peers[1 - n].handle_input(self.now, input);
                self.buf.clear();
            }
            while self.peers[n].poll_event().is_some() {}
        }
        any
    }
}

fn live() -> isize {
    LIVE.load(Relaxed)
}

/// Bytes of an idle peer with a channel, itself included.
const MAX_PEER: isize = 20 << 10;
/// Bytes of another channel, with SCTP's part.
const MAX_CHANNEL: isize = 384;
const PAIRS: u64 = 10;

fn main() {
    let config = Config::new(Arc::new(Certificate::generate().unwrap()));
    // What is made once a process.
    Pair::new(&config, 1).connect();
    let before = live();
    let mut pairs: Vec<Pair> = Vec::with_capacity(PAIRS as usize);
    for seed in 0..PAIRS {
        let mut pair = Pair::new(&config, seed);
        pair.connect();
        pairs.push(pair);
    }
    let peer = (live() - before) / (2 * PAIRS as isize);
    println!("an idle peer with a channel: {peer} bytes");
    assert!(peer <= MAX_PEER, "{peer}");

    let mut pair = pairs.pop().unwrap();
    let before = live();
    let (now, init) = (pair.now, DataChannelInit::default());
    for peer in &mut pair.peers {
        while peer.create_data_channel(now, "", &init).is_ok() {}
    }
    pair.run_for(Duration::from_secs(100));
    assert_eq!(pair.peers.each_ref().map(PeerConnection::channel_count), [65_535; 2]);
    let channel = (live() - before) / (2 * 65_534);
    println!("a channel: {channel} bytes at each end");
    assert!(channel <= MAX_CHANNEL, "{channel}");
}
