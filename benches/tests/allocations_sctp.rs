//! What an association asks the heap for: nothing for a packet, little to be idle. Without the
//! harness, whose threads do.

#[path = "../src/alloc.rs"]
mod alloc;

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use sansio::{Datagram, Instant, Machine};
use sctp::{Association, Config, SendOptions, Status, StreamId};
use testkit::SeededRng;

/// Packets under way at a time.
const BATCH: usize = 64;

struct Wire {
    ends: [Association; 2],
    now: Instant,
    buf: Vec<u8>,
    lens: Vec<usize>,
    packets: u64,
}

impl Wire {
    fn connected(config: &Config, seed: u64) -> Self {
        let end = |n| Association::new(config.clone(), SeededRng::boxed(seed ^ n));
        let (ends, now) = ([end(1), end(2)], Instant::ZERO);
        let (buf, lens) = (Vec::with_capacity(BATCH * 1200), Vec::with_capacity(BATCH));
        let mut wire = Self { ends, now, buf, lens, packets: 0 };
        wire.ends[0].connect(now);
        while wire.ends.iter().any(|end| end.status() != Status::Connected) {
            wire.exchange();
        }
        wire
    }

    fn exchange(&mut self) {
        for from in [0, 1] {
            self.buf.clear();
            self.lens.clear();
            while self.lens.len() < BATCH
                && let Some(transmit) = self.ends[from].poll_transmit(self.now, &mut self.buf)
            {
                self.lens.push(transmit.len);
            }
            let mut rest = &mut self.buf[..];
            for len in &self.lens {
                let (packet, tail) = rest.split_at_mut(*len);
                rest = tail;
                let input = Datagram::new((), self.now, packet);
                self.ends[1 - from].handle_input(self.now, input).unwrap();
                self.packets += 1;
            }
        }
        for end in &mut self.ends {
            while end.poll_event().is_some() {}
        }
    }

    /// A megabyte in messages on so many streams.
    fn transfer(&mut self, message: &Bytes, streams: u16) {
        let (mut received, mut id) = (0, 0);
        while received < 1 << 20 {
            while {
                let options = SendOptions::default();
                self.ends[0]
                    .send(self.now, StreamId(id % streams), message.clone(), options)
                    .is_ok()
            } {
                id += 1;
            }
            self.exchange();
            received += self.read();
        }
    }

    fn read(&mut self) -> usize {
        let mut bytes = 0;
        while let Some(stream) = self.ends[1].readable() {
            bytes += self.ends[1].read(self.now, stream).map_or(0, |m| m.payload.len());
        }
        bytes
    }

    /// Lets time pass, timer by timer.
    fn wait(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            let before = self.packets;
            self.exchange();
            self.read();
            if self.packets > before {
                continue;
            }
            let due = self.ends.iter().filter_map(Machine::poll_timeout).min();
            let Some(due) = due.filter(|due| *due <= end) else { break };
            self.now = due;
            self.ends.iter_mut().for_each(|end| end.handle_timeout(due));
        }
        self.now = end;
    }
}

fn main() {
    for (interleaving, streams, size) in [
        (false, 1, 64 << 10),
        (false, 4, 1000),
        (true, 1, 64 << 10),
        (true, 4, 64 << 10),
        (true, 4, 1000),
    ] {
        let config = Config { interleaving, send_buffer: 512 << 10, ..Config::default() };
        let mut wire = Wire::connected(&config, 1);
        let message = Bytes::from(vec![7; size]);
        for _ in 0..20 {
            wire.transfer(&message, streams);
        }
        let before = wire.packets;
        alloc::start_counting();
        for _ in 0..20 {
            wire.transfer(&message, streams);
        }
        let (allocations, packets) = (alloc::stop_counting(), wire.packets - before);
        let case = format!("interleaving {interleaving}, {streams} streams, {size} bytes");
        println!("{case}: {allocations} allocations for {packets} packets");
        // A block for each 128 KiB of messages, while the last one is still in use.
        assert!(allocations * 50 < packets, "{case}: {allocations} for {packets}");
    }

    const PAIRS: i64 = 50;
    let message = Bytes::from(vec![7; 1000]);
    // On a wire that takes no time there is no pace.
    let config = Config { pacing: false, ..Config::default() };
    alloc::start_counting();
    let idle: Vec<_> = (0..PAIRS as u64)
        .map(|seed| {
            let mut wire = Wire::connected(&config, seed << 8);
            wire.transfer(&message, 1);
            wire.wait(Duration::from_secs(70));
            (wire.buf, wire.lens) = (Vec::new(), Vec::new());
            wire
        })
        .collect();
    let each = alloc::GROWTH.load(Relaxed) / (2 * PAIRS);
    alloc::stop_counting();
    println!("an idle association that has sent and received: {each} bytes");
    assert!(each <= 8 << 10, "{each}");
    drop(idle);
}
