//! dcsctp, the port of libwebrtc's implementation to Rust.

use std::collections::VecDeque;

use bytes::Bytes;
use dcsctp::api::{
    DcSctpSocket, Message, Options, PpId, SendOptions, SocketEvent, SocketTime, StreamId,
};
use sansio::Instant;

use super::transfer::Endpoint;
use super::{PACKET, SEND_BUFFER};

const STREAM: StreamId = StreamId(1);

pub(super) struct Dcsctp {
    socket: Box<dyn DcSctpSocket>,
    connected: bool,
}

pub(super) fn pair() -> (Dcsctp, Dcsctp) {
    let options = Options { mtu: PACKET, ..Options::default() };
    let end = |name| Dcsctp { socket: dcsctp::new_socket(name, &options), connected: false };
    let (mut client, server) = (end("client"), end("server"));
    client.socket.connect();
    (client, server)
}

fn time(now: Instant) -> SocketTime {
    SocketTime::zero() + (now - Instant::ZERO)
}

impl Endpoint for Dcsctp {
    type Packet = Vec<u8>;

    fn input(&mut self, now: Instant, packet: Vec<u8>) {
        self.socket.advance_time(time(now));
        self.socket.handle_input(&packet);
    }

    fn advance(&mut self, now: Instant) {
        self.socket.advance_time(time(now));
    }

    fn next_timeout(&self) -> Option<Instant> {
        let at = self.socket.poll_timeout();
        (at != SocketTime::infinite_future()).then(|| Instant::ZERO + (at - SocketTime::zero()))
    }

    fn output(&mut self, _: Instant, wire: &mut VecDeque<Vec<u8>>) {
        while let Some(event) = self.socket.poll_event() {
            match event {
                SocketEvent::SendPacket(packet) => wire.push_back(packet),
                SocketEvent::OnConnected() => self.connected = true,
                SocketEvent::OnAborted(kind, why) => panic!("dcsctp aborted: {kind:?} {why}"),
                _ => {}
            }
        }
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn send(&mut self, _: Instant, message: &Bytes) -> bool {
        if self.socket.buffered_amount(STREAM) >= SEND_BUFFER {
            return false;
        }
        let message = Message::new(STREAM, PpId(53), message.to_vec());
        self.socket.send(message, &SendOptions::default()).is_ok()
    }

    fn recv(&mut self, _: Instant) -> Option<usize> {
        self.socket.get_next_message().map(|message| message.payload.len())
    }
}
