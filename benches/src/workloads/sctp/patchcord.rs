//! Our contender.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use sansio::{Datagram, Instant, Machine};
use sctp::{Association, Config, Event, SendOptions, StreamId};

use super::{Endpoint, PACKET, SEND_BUFFER};
use crate::rng::ThreadRng;

const STREAM: StreamId = StreamId(1);

/// Buffers go round between the two ends, as they do between a shell and the kernel.
type Pool = Rc<RefCell<Vec<Vec<u8>>>>;

pub(super) struct Ours {
    association: Association,
    connected: bool,
    pool: Pool,
}

pub(super) fn pair() -> (Ours, Ours) {
    let pool = Pool::default();
    let config = Config { max_packet_size: PACKET, send_buffer: SEND_BUFFER, ..Config::default() };
    let end = || Ours {
        association: Association::new(config.clone(), Box::new(ThreadRng)),
        connected: false,
        pool: pool.clone(),
    };
    let (mut client, server) = (end(), end());
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
        self.association.handle_input(now, Datagram::new((), now, &mut packet)).unwrap();
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
