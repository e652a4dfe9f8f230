//! SCTP: a bulk transfer over a perfect wire, both ends on this thread. The link's cost is two
//! copies of pointers: what is measured are the two associations.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sansio::{Datagram, Instant, Machine};
use sctp::{Association, Config, SendOptions, Status, StreamId};
use testkit::SeededRng;

const TOTAL: usize = 16 << 20;
/// Packets that a shell pulls before it sends them.
const BATCH: usize = 64;

/// Two associations and the bytes between them.
struct Wire {
    a: Association,
    b: Association,
    buf: Vec<u8>,
    lens: Vec<usize>,
}

impl Wire {
    fn connected() -> Self {
        let end = |seed| Association::new(Config::default(), SeededRng::boxed(seed));
        let mut wire = Self { a: end(1), b: end(2), buf: Vec::new(), lens: Vec::new() };
        wire.a.connect(Instant::ZERO);
        while wire.a.status() != Status::Connected || wire.b.status() != Status::Connected {
            wire.exchange();
        }
        wire
    }

    fn exchange(&mut self) {
        carry(&mut self.a, &mut self.b, &mut self.buf, &mut self.lens);
        carry(&mut self.b, &mut self.a, &mut self.buf, &mut self.lens);
    }

    fn transfer(&mut self, message: &bytes::Bytes) {
        let (now, stream) = (Instant::ZERO, StreamId(1));
        let (mut sent, mut received) = (0, 0);
        while received < TOTAL {
            while sent < TOTAL
                && self.a.send(now, stream, message.clone(), SendOptions::default()).is_ok()
            {
                sent += message.len();
            }
            self.exchange();
            while let Some(message) = self.b.read(now, stream) {
                received += message.payload.len();
            }
        }
    }
}

fn carry(from: &mut Association, to: &mut Association, buf: &mut Vec<u8>, lens: &mut Vec<usize>) {
    buf.clear();
    lens.clear();
    while lens.len() < BATCH
        && let Some(transmit) = from.poll_transmit(Instant::ZERO, buf)
    {
        lens.push(transmit.len);
    }
    let mut rest = &mut buf[..];
    for len in lens {
        let (packet, tail) = rest.split_at_mut(*len);
        rest = tail;
        // A discard would stall the transfer, which nobody could miss.
        let _ = to.handle_input(Instant::ZERO, Datagram::new((), Instant::ZERO, packet));
    }
}

fn wire(c: &mut Criterion) {
    let mut group = c.benchmark_group("sctp/wire");
    group.throughput(Throughput::BytesDecimal(TOTAL as u64)).sample_size(20);
    for (name, size) in [("64KiB", 64 << 10), ("1KiB", 1 << 10)] {
        let message = bytes::Bytes::from(vec![0x5a; size]);
        group.bench_with_input(BenchmarkId::from_parameter(name), &message, |b, message| {
            let mut wire = Wire::connected();
            b.iter(|| wire.transfer(message));
        });
    }
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
