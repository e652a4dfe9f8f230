//! DTLS: handshakes with certificates on both sides, and 1200-byte application records.
//! Certificates (P-256) are made beforehand. Nothing is lost, and no time passes but what an
//! implementation asks for.

#[cfg(feature = "contenders")]
mod dimpl;
pub(super) mod limit;
#[cfg(feature = "contenders-c")]
mod openssl;
mod patchcord;
#[cfg(feature = "contenders")]
mod rtc;

use std::hint::black_box;

use dtls::Versions;

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;

pub(super) const RECORD: usize = 1200;

/// One end of an association.
trait Dtls {
    /// A datagram in the form that this implementation likes best.
    type Datagram: AsRef<[u8]>;

    fn input(&mut self, datagram: Self::Datagram);
    /// Appends the datagrams to send.
    fn output(&mut self, wire: &mut Vec<Self::Datagram>);
    fn connected(&self) -> bool;
    fn send(&mut self, data: &[u8]);
    /// Bytes of application data received since the last call.
    fn received(&mut self) -> usize;
}

struct Contender {
    name: &'static str,
    handshake: Box<dyn Fn() -> Shape>,
    /// Makes a connected pair, and what sends a record from one to the other.
    record: Box<dyn Fn() -> Box<dyn FnMut()>>,
}

impl Contender {
    /// `make` returns a client and its server.
    fn new<E: Dtls + 'static>(
        name: &'static str,
        make: impl Fn() -> (E, E) + Clone + 'static,
    ) -> Self {
        let connect = make.clone();
        let run = Box::new(move || handshake(&mut connect().into()));
        let record = Box::new(move || -> Box<dyn FnMut()> {
            let mut ends = <[E; 2]>::from(make());
            handshake(&mut ends);
            settle(&mut ends);
            let (mut wire, data) = (Vec::new(), vec![0x5a; RECORD]);
            Box::new(move || {
                let [client, server] = &mut ends;
                client.send(black_box(&data));
                client.output(&mut wire);
                wire.drain(..).for_each(|datagram| server.input(datagram));
                assert_eq!(server.received(), RECORD);
            })
        });
        Self { name, handshake: run, record }
    }
}

/// What a handshake took.
struct Shape {
    flights: usize,
    datagrams: usize,
    bytes: usize,
}

fn contenders() -> Vec<Contender> {
    let all = [
        vec![
            Contender::new(OURS, patchcord::maker(Versions::Dtls13)),
            Contender::new("patchcord, DTLS 1.2", patchcord::maker(Versions::Dtls12)),
        ],
        #[cfg(feature = "contenders")]
        dimpl::contenders(),
        #[cfg(feature = "contenders")]
        vec![Contender::new("rtc-dtls 0.21, DTLS 1.2, P-256, AES-128", rtc::maker())],
        #[cfg(feature = "contenders-c")]
        vec![Contender::new("openssl, DTLS 1.2, P-256, AES-128", openssl::maker())],
    ];
    all.into_iter().flatten().collect()
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all: Vec<_> = contenders().into_iter().filter(|c| bench.wants(c.name)).collect();
    println!("\n| contender | flights | datagrams | bytes |\n|---|---:|---:|---:|");
    for contender in &all {
        let Shape { flights, datagrams, bytes } = (contender.handshake)();
        println!("| {} | {flights} | {datagrams} | {bytes} |", contender.name);
    }

    let limit = limit::Limit::new();
    let mut entries: Vec<_> =
        all.iter().map(|c| Entry::timed(c.name, || _ = black_box((c.handshake)()))).collect();
    entries.push(Entry::timed("LIMIT 2 x (key pair, ECDH, sign, verify)", || {
        (0..2).for_each(|_| limit.public_keys());
    }));
    entries.push(Entry::timed("LIMIT with X25519, as our DTLS 1.2", || limit.x25519()));
    entries.push(Entry::timed("LIMIT with X25519MLKEM768, as our DTLS 1.3", || limit.hybrid()));
    bench.case("handshake", Unit::Nanos, 21, entries);

    let mut entries: Vec<_> = all.iter().map(|c| Entry::timed(c.name, (c.record)())).collect();
    entries.push(Entry::timed("LIMIT AES-128-GCM seal and open", || limit.record(RECORD)));
    bench.case("record 1200", Unit::Nanos, 21, entries);
    in_place(bench, &limit);
}

/// Records without what carries them: each is sealed and opened in one buffer.
fn in_place(bench: &mut Bench<'_>, limit: &limit::Limit) {
    let buffer = || Vec::with_capacity(RECORD + 64);
    let (mut one, mut other) = (buffer(), buffer());
    let entries = vec![
        Entry::timed(OURS, patchcord::in_place(Versions::Dtls13)),
        Entry::timed("patchcord, DTLS 1.2", patchcord::in_place(Versions::Dtls12)),
        Entry::timed("LIMIT AES-128-GCM seal and open", move || limit.in_place(&mut one, RECORD)),
        Entry::timed("LIMIT with type and masks, as DTLS 1.3", move || {
            limit.in_place_13(&mut other, RECORD);
        }),
    ];
    bench.case("record 1200 in place", Unit::Nanos, 21, entries);
}

/// Runs the handshake, one flight after the other.
fn handshake<E: Dtls>(ends: &mut [E; 2]) -> Shape {
    let mut shape = Shape { flights: 0, datagrams: 0, bytes: 0 };
    let mut wire = Vec::new();
    while !ends.iter().all(Dtls::connected) {
        let from = shape.flights % 2;
        ends[from].output(&mut wire);
        assert!(shape.flights == 0 || !wire.is_empty(), "stuck in flight {}", shape.flights);
        for datagram in wire.drain(..) {
            shape.datagrams += 1;
            shape.bytes += datagram.as_ref().len();
            ends[1 - from].input(datagram);
        }
        shape.flights += 1;
    }
    shape
}

/// Delivers what is left of the handshake: session tickets, acknowledgements.
fn settle<E: Dtls>(ends: &mut [E; 2]) {
    let mut wire = Vec::new();
    for from in [1, 0, 1] {
        ends[from].output(&mut wire);
        wire.drain(..).for_each(|datagram| ends[1 - from].input(datagram));
    }
}
