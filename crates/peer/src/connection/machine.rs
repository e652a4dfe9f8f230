//! The connection's struct, and the contract that it keeps.

use std::collections::VecDeque;

use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit};

use super::close::CloseReason;
use super::control::Control;
use super::input::{Discard, Layer};
use super::settle::Reported;
use crate::channels::{self, DataTransport};
use crate::config::Config;
use crate::event::Event;
use crate::media::{Limits, Media, Transceiver};
use crate::negotiation::Negotiation;
use crate::stats::DatagramCounters;
use crate::transport::Transport;

/// A peer connection without IO, with the W3C's names (webrtc-pc §4.4, `RTCPeerConnection`).
///
/// * **Commands** of the W3C: [`create_offer`](Self::create_offer),
///   [`create_answer`](Self::create_answer),
///   [`set_local_description`](Self::set_local_description),
///   [`set_remote_description`](Self::set_remote_description),
///   [`add_ice_candidate`](Self::add_ice_candidate),
///   [`create_data_channel`](Self::create_data_channel), [`close`](Self::close), and those of
///   channels, `channel_…`.
/// * **The shell's part:** [`add_local_candidate`](Self::add_local_candidate) for each address of
///   a socket, [`end_of_local_candidates`](Self::end_of_local_candidates),
///   [`resolve_name`](Self::resolve_name) if it can, and the calls of [`Machine`].
///
/// A command that fails has changed nothing.
#[derive(Debug)]
pub struct PeerConnection {
    pub(crate) config: Config,
    pub(crate) rng: Box<dyn Rng>,
    pub(crate) negotiation: Negotiation,
    /// One when bundled, which is all that is supported now.
    pub(crate) transports: Vec<Transport>,
    pub(crate) data: DataTransport,
    pub(crate) media: Media,
    /// In the order in which they were made (W3C `getTransceivers`).
    pub(crate) transceivers: Vec<Transceiver>,
    pub(crate) events: VecDeque<Event>,
    pub(super) reported: Reported,
    pub(super) counters: DatagramCounters,
    pub(super) end: Option<CloseReason>,
    pub(super) control: Control,
}

impl PeerConnection {
    /// A connection in its initial state. It does nothing by itself until descriptions are set.
    pub fn new(config: Config, mut rng: Box<dyn Rng>) -> Self {
        let transport = Transport::new(&config, rng.fork());
        Self {
            negotiation: Negotiation::new(&mut *rng),
            transports: vec![transport],
            data: DataTransport::new(data_limits(&config), &mut *rng),
            media: Media::new(limits(&config), &mut *rng),
            transceivers: Vec::new(),
            events: VecDeque::new(),
            reported: Reported::default(),
            counters: DatagramCounters::default(),
            end: None,
            control: Control::Awake,
            config,
            rng,
        }
    }
}

impl Machine for PeerConnection {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let len = input.data.len() as u64;
        let looks_like_media = matches!(input.data.first(), Some(128..=191));
        let used = self.descend(now, input);
        if used.is_ok() {
            self.counters.received += 1;
            self.counters.bytes_received += len;
        } else {
            self.counters.discarded += 1;
        }
        let is_media = match used {
            Ok(layer) => layer == Layer::Media,
            Err(_) => looks_like_media,
        };
        if !is_media {
            self.settle(now);
        }
        used.map(drop)
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.end.is_some() {
            return;
        }
        for transport in &mut self.transports {
            transport.handle_timeout(now);
        }
        self.data.handle_timeout(now);
        self.settle(now);
        self.give_back();
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let transmit = self.pull(now, buf)?;
        self.counters.sent += 1;
        self.counters.bytes_sent += transmit.len as u64;
        Some(transmit)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front().or_else(|| self.data.poll_event())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        if self.end.is_some() {
            return None;
        }
        let media = if self.media_flows() { self.media.poll_timeout() } else { None };
        match (self.control_timeout(), media) {
            (Some(control), Some(media)) => Some(control.min(media)),
            (set, None) | (None, set) => set,
        }
    }
}

impl PeerConnection {
    /// Gives back what facts that have been told took: most come in the first second. Media tell
    /// theirs all the time.
    fn give_back(&mut self) {
        if self.events.is_empty() && !self.media_flows() {
            self.events.shrink_to_fit();
        }
        self.data.give_back();
    }

    /// RTP and RTCP can leave: else what is due waits.
    fn media_flows(&self) -> bool {
        self.transports.first().is_some_and(|t| t.srtp.is_some() && t.route().is_some())
    }
}

fn data_limits(config: &Config) -> channels::Limits {
    channels::Limits {
        channels: config.max_channels,
        text: config.max_channel_text,
        early: config.max_early_messages,
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        unread: config.max_unread_packets,
        unsent: config.max_unsent_packets,
        streams: config.max_streams,
        payload: config.max_rtp_payload,
        unix_at_zero: config.unix_at_zero,
    }
}
