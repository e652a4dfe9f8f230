//! dcsctp's socket as a machine.

use core::convert::Infallible;
use std::collections::VecDeque;

use dcsctp::api::{DcSctpSocket, Metrics, Options, SocketEvent, SocketTime};
use sansio::{Datagram, Instant, Machine, Transmit};

pub(crate) struct Dcsctp {
    pub(crate) socket: Box<dyn DcSctpSocket>,
    packets: VecDeque<Vec<u8>>,
    events: VecDeque<SocketEvent>,
}

impl Dcsctp {
    /// Tags and TSNs follow from `seed`, as long as the test's thread makes no other socket.
    pub(crate) fn new(options: &Options, seed: u64) -> Self {
        fastrand::seed(seed);
        let socket = dcsctp::new_socket("dcsctp", options);
        Self { socket, packets: VecDeque::new(), events: VecDeque::new() }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.socket.get_metrics().expect("connected")
    }

    /// dcsctp tells of packets and of facts in one queue.
    fn sort_events(&mut self) {
        while let Some(event) = self.socket.poll_event() {
            match event {
                SocketEvent::SendPacket(packet) => self.packets.push_back(packet),
                event => self.events.push_back(event),
            }
        }
    }
}

impl Machine for Dcsctp {
    type Path = ();
    type Event = SocketEvent;
    type Discard = Infallible;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, ()>) -> Result<(), Infallible> {
        self.handle_timeout(now);
        self.socket.handle_input(input.data);
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.socket.advance_time(SocketTime::zero() + (now - Instant::ZERO));
    }

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        self.sort_events();
        let packet = self.packets.pop_front()?;
        buf.extend_from_slice(&packet);
        Some(Transmit::new((), packet.len()))
    }

    fn poll_event(&mut self) -> Option<SocketEvent> {
        self.sort_events();
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let at = self.socket.poll_timeout();
        (at != SocketTime::infinite_future()).then(|| Instant::ZERO + (at - SocketTime::zero()))
    }
}
