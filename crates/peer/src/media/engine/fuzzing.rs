//! The engine by itself, for fuzz targets: bytes that keys have authenticated.

#![allow(missing_docs, clippy::allow_attributes, reason = "not an interface")]

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use rtp::extension::Kind;
use rtp::{PayloadType, Ssrc};
use sansio::{Instant, Rng};

use super::{Limits, Media};
use crate::media::{
    Codec, Feedback, MediaKind, Parameters, RemoteSource, RtpPacket, TransceiverId,
};

/// Two media sections: audio without repair, video with it.
#[derive(Debug)]
pub struct MediaMachine(Media);

impl MediaMachine {
    pub const UNREAD: usize = 32;
    pub const STREAMS: usize = 8;

    pub fn new(rng: &mut dyn Rng) -> Self {
        let limits = Limits {
            unread: Self::UNREAD,
            unsent: 32,
            streams: Self::STREAMS,
            payload: 1400,
            unix_at_zero: Duration::from_secs(1_700_000_000),
        };
        let mut media = Media::new(limits, rng);
        for (n, kind) in [(0, MediaKind::Audio), (1, MediaKind::Video)] {
            media.add(TransceiverId(n), rng);
            media.configure(TransceiverId(n), parameters(n, kind));
        }
        Self(media)
    }

    pub fn handle_rtp(&mut self, now: Instant, bytes: &[u8]) -> bool {
        self.0.handle_rtp(now, now, bytes).is_ok()
    }

    pub fn handle_rtcp(&mut self, now: Instant, bytes: &[u8]) -> bool {
        self.0.handle_rtcp(now, bytes, &mut VecDeque::new()).is_ok()
    }

    pub fn send(&mut self, now: Instant, section: bool, packet: RtpPacket) {
        let _ = self.0.send(now, TransceiverId(section.into()), packet);
    }

    pub fn request_keyframe(&mut self) {
        self.0.request_keyframe(TransceiverId(1));
    }

    /// Reads all; how many there were.
    pub fn read(&mut self) -> usize {
        let Self(media) = self;
        (0..2).map(|n| core::iter::from_fn(|| media.read(TransceiverId(n))).count()).sum()
    }

    /// Pulls all that is due: each datagram goes to `sent`.
    pub fn drain(&mut self, now: Instant, mut sent: impl FnMut(&[u8])) {
        let mut buf = Vec::new();
        while self.0.poll_rtcp(now, &mut buf) || self.0.poll_rtp(now, &mut buf) {
            sent(&buf);
            buf.clear();
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.0.poll_timeout()
    }
}

fn parameters(n: u32, kind: MediaKind) -> Parameters {
    let number = |n: u32| PayloadType::from_low_bits(n as u8);
    let video = kind == MediaKind::Video;
    let codec = Codec {
        kind,
        payload_type: number(96 + 2 * n),
        name: "any".into(),
        clock_rate: if video { 90_000 } else { 48_000 },
        channels: 1,
        parameters: String::new(),
        feedback: Feedback { nack: video, pli: video, ..Feedback::default() },
        rtx: video.then(|| number(97 + 2 * n)),
    };
    let kinds = Kind::ALL.iter().copied();
    Parameters {
        mid: n.to_string().into(),
        codecs: Arc::new([codec]),
        extensions: (1..).zip(kinds).collect(),
        send: true,
        receive: true,
        reduced_size: n == 0,
        remote_sources: vec![RemoteSource { ssrc: Ssrc(n), rtx: video.then_some(Ssrc(n + 10)) }],
        remote_rids: vec!["h".into(), "l".into()],
    }
}
