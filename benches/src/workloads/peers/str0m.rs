//! str0m.

use std::net::SocketAddr;

use bytes::Bytes;
use sansio::Instant;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::config::DtlsVersion;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::{Peer, SEND_BUFFER};

pub(super) struct Str0m {
    base: std::time::Instant,
    address: SocketAddr,
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    timeout: std::time::Instant,
    channel: Option<ChannelId>,
    connected: bool,
    media: Option<(Mid, Pt)>,
    wire: Vec<Vec<u8>>,
    bytes: usize,
    packets: usize,
}

impl Str0m {
    /// `modern`: DTLS 1.3, and the SCTP handshake in the descriptions.
    pub(super) fn new(address: SocketAddr, modern: bool) -> Self {
        let base = std::time::Instant::now();
        let mut config = Rtc::builder()
            .set_rtp_mode(true)
            .set_sctp_max_message_size(256 << 10)
            .set_sctp_max_buffered_amount(SEND_BUFFER);
        if modern {
            config = config.set_dtls_version(DtlsVersion::Dtls13).set_snap_enabled(true);
        }
        let mut rtc = config.build(base);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            base,
            address,
            rtc,
            pending: None,
            timeout: base,
            channel: None,
            connected: false,
            media: None,
            wire: Vec::new(),
            bytes: 0,
            packets: 0,
        }
    }

    fn std(&self, now: Instant) -> std::time::Instant {
        self.base + (now - Instant::ZERO)
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.timeout = at;
                    return;
                }
                Output::Transmit(transmit) => self.wire.push(transmit.contents.into()),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::ChannelOpen(id, _)) => self.channel = Some(id),
                Output::Event(Event::ChannelData(message)) => self.bytes += message.data.len(),
                Output::Event(Event::RtpPacket(_)) => self.packets += 1,
                Output::Event(_) => {}
            }
        }
    }
}

impl Peer for Str0m {
    type Datagram = Vec<u8>;

    fn offer(&mut self, now: Instant, video: bool) -> String {
        self.advance(now);
        let mut change = self.rtc.sdp_api();
        change.add_channel("data".into());
        if video {
            let mid = change.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
            self.media = Some((mid, 96.into()));
        }
        let (offer, pending) = change.apply().unwrap();
        self.pending = Some(pending);
        self.poll();
        offer.to_sdp_string()
    }

    fn answer(&mut self, now: Instant, offer: &str) -> String {
        self.advance(now);
        let offer = SdpOffer::from_sdp_string(offer).unwrap();
        let answer = self.rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string();
        self.poll();
        answer
    }

    fn accept(&mut self, now: Instant, answer: &str) {
        self.advance(now);
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        if let Some((mid, pt)) = &mut self.media {
            *pt = self.rtc.media(*mid).unwrap().remote_pts()[0];
        }
        self.poll();
    }

    fn input(&mut self, now: Instant, from: SocketAddr, datagram: Vec<u8>) {
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination: self.address,
            contents: datagram.as_slice().try_into().unwrap(),
        };
        self.rtc.handle_input(Input::Receive(self.std(now), receive)).unwrap();
        self.poll();
    }

    fn advance(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(self.std(now))).unwrap();
        self.poll();
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        Some(Instant::ZERO + self.timeout.saturating_duration_since(self.base))
    }

    fn output(&mut self, _: Instant, wire: &mut Vec<Vec<u8>>) {
        wire.append(&mut self.wire);
    }

    fn channel_open(&self) -> bool {
        self.channel.is_some()
    }

    fn send(&mut self, _: Instant, message: &Bytes) -> bool {
        let mut channel = self.rtc.channel(self.channel.unwrap()).unwrap();
        let sent = channel.write(true, message).unwrap();
        self.poll();
        sent
    }

    fn received(&mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }

    fn media_ready(&self) -> bool {
        self.connected
    }

    fn send_rtp(&mut self, now: Instant, seq: u64, payload: &[u8]) {
        let (mid, pt) = self.media.unwrap();
        let wallclock = self.std(now);
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).unwrap();
        let time = (seq * 90) as u32;
        stream.write_rtp(RtpWrite::new(pt, seq.into(), time, wallclock, payload));
        self.advance(now);
    }

    fn received_rtp(&mut self) -> usize {
        std::mem::take(&mut self.packets)
    }
}
