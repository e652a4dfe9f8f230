//! Our contender.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use peer::{
    Certificate, ChannelId, Config, ConnectionState, DataChannelInit, DataChannelState, Direction,
    Event, MediaKind, Message, OfferOptions, PeerConnection, RtpPacket, SessionDescription,
    TransceiverId, TransceiverInit,
};
use sansio::{Datagram, Instant, Machine, Path};

use super::{Peer, SEND_BUFFER};
use crate::rng::ThreadRng;

thread_local! {
    /// Buffers go round between the peers, as they do between a shell and the kernel.
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    /// Payloads are copied into this, as a shell lends it to all its connections.
    static BLOCK: RefCell<BytesMut> = RefCell::new(BytesMut::new());
    /// The payload that is sent, and where it was.
    static SHARED: RefCell<((usize, usize), Bytes)> = const { RefCell::new(((0, 0), Bytes::new())) };
}

pub(in crate::workloads) struct Ours {
    address: SocketAddr,
    connection: PeerConnection,
    channel: Option<ChannelId>,
    media: Option<TransceiverId>,
    bytes: usize,
    packets: usize,
}

impl Ours {
    pub(in crate::workloads) fn new(address: SocketAddr) -> Self {
        let certificate = Arc::new(Certificate::generate().unwrap());
        let mut config = Config::new(certificate);
        config.sctp.send_buffer = SEND_BUFFER;
        let mut connection = PeerConnection::new(config, Box::new(ThreadRng));
        connection.add_local_candidate(Instant::ZERO, address);
        connection.end_of_local_candidates(Instant::ZERO);
        Self { address, connection, channel: None, media: None, bytes: 0, packets: 0 }
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
                Event::Track(id) => self.media = Some(id),
                Event::RtpReadable(id) => {
                    while self.connection.read_rtp(id).is_some() {
                        self.packets += 1;
                    }
                }
                _ => {}
            }
        }
    }
}

impl Peer for Ours {
    type Datagram = Vec<u8>;
    fn offer(&mut self, now: Instant, video: bool) -> String {
        let init = DataChannelInit::default();
        self.channel = Some(self.connection.create_data_channel(now, "data", &init).unwrap());
        if video {
            let send = TransceiverInit { direction: Direction::SendOnly, ..Default::default() };
            let made = self.connection.add_transceiver(now, MediaKind::Video, &send);
            self.media = Some(made.unwrap());
        }
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
        BLOCK.with_borrow_mut(|block| {
            std::mem::swap(self.connection.payload_block_mut(), block);
            let datagram = Datagram::new(path, now, &mut datagram);
            let _discarded = self.connection.handle_input(now, datagram);
            std::mem::swap(self.connection.payload_block_mut(), block);
        });
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
        let connected = self.connection.connection_state() == ConnectionState::Connected;
        connected && self.media.is_some()
    }

    fn send_rtp(&mut self, now: Instant, seq: u64, payload: &[u8]) {
        let id = self.media.unwrap();
        let codec = self.connection.transceiver(id).unwrap().codecs[0].payload_type;
        let payload = SHARED.with_borrow_mut(|shared| {
            // A forwarder has its payloads as `Bytes` already, and shares them.
            let at = (payload.as_ptr().addr(), payload.len());
            if shared.0 != at {
                *shared = (at, Bytes::copy_from_slice(payload));
            }
            shared.1.clone()
        });
        let mut packet = RtpPacket::new(codec, seq, seq as u32 * 3000, payload);
        packet.marker = true;
        self.connection.send_rtp(now, id, packet).unwrap();
    }

    fn received_rtp(&mut self) -> usize {
        std::mem::take(&mut self.packets)
    }
}
