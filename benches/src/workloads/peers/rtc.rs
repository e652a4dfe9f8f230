//! rtc, webrtc-rs' sans-IO stack.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use rtc::data_channel::RTCDataChannelId;
use rtc::interceptor::Registry;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::event::{RTCDataChannelEvent, RTCPeerConnectionEvent};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use sansio::Instant;

use super::{Peer, SEND_BUFFER};

const SSRC: u32 = 0x1122_3344;

pub(super) struct Rtc {
    base: std::time::Instant,
    address: SocketAddr,
    connection: RTCPeerConnection,
    sender: Option<RTCRtpSenderId>,
    channel: Option<RTCDataChannelId>,
    connected: bool,
    bytes: usize,
    packets: usize,
}

impl Rtc {
    pub(super) fn new(address: SocketAddr, interceptors: bool) -> Self {
        let base = std::time::Instant::now();
        let mut engine = MediaEngine::default();
        engine.register_default_codecs().unwrap();
        let builder = RTCPeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build());
        let mut connection = if interceptors {
            let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
            let builder = builder.with_media_engine(engine);
            builder.with_interceptor_registry(registry).build(base).unwrap()
        } else {
            builder.with_media_engine(engine).build(base).unwrap()
        };
        connection.add_local_candidate(candidate(address).to_json().unwrap()).unwrap();
        Self {
            base,
            address,
            connection,
            sender: None,
            channel: None,
            connected: false,
            bytes: 0,
            packets: 0,
        }
    }

    fn std(&self, now: Instant) -> std::time::Instant {
        self.base + (now - Instant::ZERO)
    }

    fn poll(&mut self) {
        use {RTCDataChannelEvent as Channel, RTCPeerConnectionEvent as Event};
        while let Some(event) = self.connection.poll_event() {
            match event {
                Event::OnConnectionStateChangeEvent(RTCPeerConnectionState::Connected) => {
                    self.connected = true;
                }
                Event::OnDataChannel(Channel::OnOpen(id)) => self.channel = Some(id),
                _ => {}
            }
        }
        while let Some(message) = self.connection.poll_read() {
            match message.message {
                RTCMessage::DataChannelMessage(_, message) => self.bytes += message.data.len(),
                RTCMessage::RtpPacket(..) => self.packets += 1,
                _ => {}
            }
        }
    }

    fn video(&mut self) -> RTCRtpSenderId {
        let codec = RTCRtpCodec {
            mime_type: MIME_TYPE_VP8.into(),
            clock_rate: 90_000,
            ..RTCRtpCodec::default()
        };
        let parameters =
            RTCRtpCodingParameters { ssrc: Some(SSRC), ..RTCRtpCodingParameters::default() };
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: parameters,
            codec,
            ..RTCRtpEncodingParameters::default()
        };
        let [stream, track, label] = ["s", "t", "t"].map(String::from);
        let kind = RtpCodecKind::Video;
        let track = MediaStreamTrack::new(stream, track, label, kind, vec![encoding]);
        self.connection.add_track(track).unwrap()
    }
}

fn candidate(address: SocketAddr) -> RTCIceCandidate {
    let base_config = CandidateConfig {
        network: "udp".into(),
        address: address.ip().to_string(),
        port: address.port(),
        component: 1,
        ..CandidateConfig::default()
    };
    let config = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
    RTCIceCandidate::from(&config.new_candidate_host().unwrap())
}

impl Peer for Rtc {
    type Datagram = BytesMut;

    fn offer(&mut self, now: Instant, video: bool) -> String {
        if video {
            self.sender = Some(self.video());
        }
        self.connection.create_data_channel("data", None).unwrap();
        let offer = self.connection.create_offer(None).unwrap();
        self.connection.set_local_description(self.std(now), offer).unwrap();
        self.connection.local_description().unwrap().sdp
    }

    fn answer(&mut self, now: Instant, offer: &str) -> String {
        let now = self.std(now);
        let offer = RTCSessionDescription::offer(offer.into()).unwrap();
        self.connection.set_remote_description(now, offer).unwrap();
        let answer = self.connection.create_answer(None).unwrap();
        self.connection.set_local_description(now, answer).unwrap();
        self.poll();
        self.connection.local_description().unwrap().sdp
    }

    fn accept(&mut self, now: Instant, answer: &str) {
        let answer = RTCSessionDescription::answer(answer.into()).unwrap();
        self.connection.set_remote_description(self.std(now), answer).unwrap();
        self.poll();
    }

    fn input(&mut self, now: Instant, from: SocketAddr, datagram: BytesMut) {
        let transport = TransportContext {
            local_addr: self.address,
            peer_addr: from,
            ecn: None,
            transport_protocol: TransportProtocol::UDP,
        };
        let message = TaggedBytesMut { now: self.std(now), transport, message: datagram };
        let _discarded = self.connection.handle_read(message);
        self.poll();
    }

    fn advance(&mut self, now: Instant) {
        let _failed = self.connection.handle_timeout(self.std(now));
        self.poll();
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        let at = self.connection.poll_timeout()?;
        Some(Instant::ZERO + at.saturating_duration_since(self.base))
    }

    fn output(&mut self, _: Instant, wire: &mut Vec<BytesMut>) {
        while let Some(transmit) = self.connection.poll_write() {
            wire.push(transmit.message);
        }
    }

    fn channel_open(&self) -> bool {
        self.channel.is_some()
    }

    fn send(&mut self, now: Instant, message: &Bytes) -> bool {
        let now = self.std(now);
        let mut channel = self.connection.data_channel(self.channel.unwrap()).unwrap();
        if channel.outstanding_bytes() + message.len() > SEND_BUFFER {
            return false;
        }
        channel.send(now, message[..].into()).is_ok()
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }

    fn media_ready(&self) -> bool {
        self.connected
    }

    fn send_rtp(&mut self, now: Instant, seq: u64, payload: &[u8]) {
        let header = rtc::rtp::Header {
            version: 2,
            payload_type: 96,
            sequence_number: seq as u16,
            timestamp: (seq * 90) as u32,
            ssrc: SSRC,
            ..rtc::rtp::Header::default()
        };
        let packet = rtc::rtp::Packet { header, payload: Bytes::copy_from_slice(payload) };
        let now = self.std(now);
        let mut sender = self.connection.rtp_sender(self.sender.unwrap()).unwrap();
        sender.write_rtp(now, packet).unwrap();
    }

    fn received_rtp(&mut self) -> usize {
        std::mem::take(&mut self.packets)
    }
}
