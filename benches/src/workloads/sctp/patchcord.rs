//! Our contender.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use sansio::{Datagram, Instant, Machine};
use sctp::{Association, Config, CongestionControl, Event, SendOptions, StreamId};
use testkit::SeededRng;

use super::transfer::Endpoint;
use super::{PACKET, SEND_BUFFER};

const STREAM: StreamId = StreamId(1);

/// Buffers go round between the two ends, as they do between a shell and the kernel.
type Pool = Rc<RefCell<Vec<Vec<u8>>>>;

pub(super) struct Ours {
    association: Association,
    connected: bool,
    pool: Pool,
}

pub(super) fn pair() -> (Ours, Ours) {
    pair_with(CongestionControl::default(), 1)
}

/// All chance comes from `seed`.
pub(super) fn pair_with(congestion_control: CongestionControl, seed: u64) -> (Ours, Ours) {
    connected(&Config { congestion_control, ..config() }, seed)
}

/// As inside of DTLS: nobody computes checksums (RFC 9653).
pub(super) fn pair_without_checksum() -> (Ours, Ours) {
    connected(&Config { zero_checksum: true, ..config() }, 1)
}

/// The same, with packets of up to `size` bytes (RFC 8899).
pub(super) fn pair_with_packets_of(size: usize) -> (Ours, Ours) {
    connected(&Config { zero_checksum: true, max_plpmtu: Some(size), ..config() }, 1)
}

fn config() -> Config {
    Config { max_packet_size: PACKET, send_buffer: SEND_BUFFER, ..Config::default() }
}

fn connected(config: &Config, seed: u64) -> (Ours, Ours) {
    let pool = Pool::default();
    let end = |seed| Ours {
        association: Association::new(config.clone(), SeededRng::boxed(seed)),
        connected: false,
        pool: pool.clone(),
    };
    let (mut client, server) = (end(2 * seed), end(2 * seed + 1));
    client.association.connect(Instant::ZERO);
    (client, server)
}

impl Ours {
    fn events(&mut self) {
        while let Some(event) = self.association.poll_event() {
            match event {
                Event::Connected => self.connected = true,
                Event::Closed(reason) => panic!("closed: {reason:?}"),
                _ => {}
            }
        }
    }
}

impl Endpoint for Ours {
    type Packet = Vec<u8>;

    fn input(&mut self, now: Instant, mut packet: Vec<u8>) {
        // While losses disturb the handshake, some packets are of no use.
        let _discard = self.association.handle_input(now, Datagram::new((), now, &mut packet));
        packet.clear();
        self.pool.borrow_mut().push(packet);
    }

    fn advance(&mut self, now: Instant) {
        if self.next_timeout().is_some_and(|at| at <= now) {
            self.association.handle_timeout(now);
        }
        self.events();
    }

    fn next_timeout(&self) -> Option<Instant> {
        self.association.poll_timeout()
    }

    fn output(&mut self, now: Instant, wire: &mut VecDeque<Vec<u8>>) {
        loop {
            let mut packet = self.pool.borrow_mut().pop().unwrap_or_default();
            if self.association.poll_transmit(now, &mut packet).is_none() {
                self.pool.borrow_mut().push(packet);
                break;
            }
            wire.push_back(packet);
        }
        self.events();
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn send(&mut self, now: Instant, message: &Bytes) -> bool {
        let options = SendOptions::default();
        self.association.send(now, STREAM, message.clone(), options).is_ok()
    }

    fn recv(&mut self, now: Instant) -> Option<usize> {
        Some(self.association.read(now, STREAM)?.payload.len())
    }
}
