//! Our contender.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use peer::{
    Certificate, ChannelId, Config, DataChannelInit, DataChannelState, Event, Message,
    OfferOptions, PeerConnection, SessionDescription,
};
use sansio::{Datagram, Instant, Machine, Path};

use super::{Peer, SEND_BUFFER};
use crate::rng::ThreadRng;

thread_local! {
    /// Buffers go round between the peers, as they do between a shell and the kernel.
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Ours {
    address: SocketAddr,
    connection: PeerConnection,
    channel: Option<ChannelId>,
    bytes: usize,
}

impl Ours {
    pub(super) fn new(address: SocketAddr) -> Self {
        let certificate = Arc::new(Certificate::generate().unwrap());
        let mut config = Config::new(certificate);
        config.sctp.send_buffer = SEND_BUFFER;
        let mut connection = PeerConnection::new(config, Box::new(ThreadRng));
        connection.add_local_candidate(Instant::ZERO, address);
        connection.end_of_local_candidates(Instant::ZERO);
        Self { address, connection, channel: None, bytes: 0 }
    }

    fn poll(&mut self, now: Instant) {
        while let Some(event) = self.connection.poll_event() {
            match event {
                Event::DataChannel(id) => self.channel = Some(id),
                Event::ChannelReadable(id) => {
                    while let Some(message) = self.connection.channel_read(now, id) {
                        self.bytes += message.data.len();
                    }
                }
                _ => {}
            }
        }
    }
}

impl Peer for Ours {
    type Datagram = Vec<u8>;
    const MEDIA: bool = false;

    fn offer(&mut self, now: Instant, _video: bool) -> String {
        let init = DataChannelInit::default();
        self.channel = Some(self.connection.create_data_channel(now, "data", &init).unwrap());
        let offer = self.connection.create_offer(now, OfferOptions::default()).unwrap();
        self.connection.set_local_description(now, Some(offer.clone())).unwrap();
        offer.sdp
    }

    fn answer(&mut self, now: Instant, offer: &str) -> String {
        self.connection.set_remote_description(now, SessionDescription::offer(offer)).unwrap();
        let answer = self.connection.create_answer(now).unwrap();
        self.connection.set_local_description(now, Some(answer.clone())).unwrap();
        answer.sdp
    }

    fn accept(&mut self, now: Instant, answer: &str) {
        self.connection.set_remote_description(now, SessionDescription::answer(answer)).unwrap();
    }

    fn input(&mut self, now: Instant, from: SocketAddr, mut datagram: Vec<u8>) {
        let path = Path::udp(self.address, from);
        let _discarded = self.connection.handle_input(now, Datagram::new(path, now, &mut datagram));
        datagram.clear();
        POOL.with_borrow_mut(|pool| pool.push(datagram));
        self.poll(now);
    }

    fn advance(&mut self, now: Instant) {
        if self.next_timeout().is_some_and(|at| at <= now) {
            self.connection.handle_timeout(now);
        }
        self.poll(now);
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        self.connection.poll_timeout()
    }

    fn output(&mut self, now: Instant, wire: &mut Vec<Vec<u8>>) {
        loop {
            let mut datagram = POOL.with_borrow_mut(Vec::pop).unwrap_or_default();
            if self.connection.poll_transmit(now, &mut datagram).is_none() {
                POOL.with_borrow_mut(|pool| pool.push(datagram));
                break;
            }
            wire.push(datagram);
        }
        self.poll(now);
    }

    fn channel_open(&self) -> bool {
        let channel = self.channel.and_then(|id| self.connection.channel(id));
        channel.is_some_and(|channel| channel.ready_state() == DataChannelState::Open)
    }

    fn send(&mut self, now: Instant, message: &Bytes) -> bool {
        let message = Message::binary(message.clone());
        self.connection.channel_send(now, self.channel.unwrap(), message).is_ok()
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }

    fn media_ready(&self) -> bool {
        false
    }

    fn send_rtp(&mut self, _: Instant, _: u64, _: &[u8]) {
        unreachable!("without media")
    }

    fn received_rtp(&mut self) -> usize {
        0
    }
}
