//! Offers and answers without a wire: two connections, their texts and events; and offers as other
//! stacks write them.

#![allow(dead_code, clippy::allow_attributes, reason = "each story uses its part")]

use patchcord_peer::{
    Config, Direction, Event, MediaKind, NegotiationError, PeerConnection, SessionDescription,
    Transceiver, TransceiverId, TransceiverInit,
};
use sansio::{Instant, Machine};

use crate::call::{certificate, peer};

pub(crate) const NOW: Instant = Instant::ZERO;

/// What stands in each section of another stack's offer.
pub(crate) const TRANSPORT: &str = "a=ice-ufrag:abcd\r\n\
a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
a=ice-options:trickle\r\n\
a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
a=setup:actpass\r\n";

/// What stands before the sections.
pub(crate) const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

pub(crate) fn fresh(n: u8) -> PeerConnection {
    peer(n, u64::from(n), Config::new(certificate()))
}

pub(crate) fn direction(direction: Direction) -> TransceiverInit {
    TransceiverInit { direction, ..TransceiverInit::default() }
}

pub(crate) fn streams(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A transceiver of each kind, ready to send and receive.
pub(crate) fn with_media(n: u8) -> (PeerConnection, TransceiverId, TransceiverId) {
    let mut peer = fresh(n);
    let [audio, video] = [MediaKind::Audio, MediaKind::Video]
        .map(|kind| peer.add_transceiver(NOW, kind, &TransceiverInit::default()).unwrap());
    (peer, audio, video)
}

/// Sets an offer of `peer`: its text.
pub(crate) fn offer(peer: &mut PeerConnection) -> String {
    peer.set_local_description(NOW, None).unwrap();
    peer.local_description().unwrap().sdp
}

/// Sets an answer of `peer`: its text.
pub(crate) fn answer(peer: &mut PeerConnection) -> String {
    offer(peer)
}

pub(crate) fn take_offer(peer: &mut PeerConnection, text: &str) -> Result<(), NegotiationError> {
    peer.set_remote_description(NOW, SessionDescription::offer(text))
}

pub(crate) fn take_answer(peer: &mut PeerConnection, text: &str) -> Result<(), NegotiationError> {
    peer.set_remote_description(NOW, SessionDescription::answer(text))
}

/// What `peer` answers to an offer.
pub(crate) fn answered(peer: &mut PeerConnection, text: &str) -> String {
    take_offer(peer, text).unwrap();
    answer(peer)
}

/// Offer and answer from `a` to `b`: their texts.
pub(crate) fn negotiate(a: &mut PeerConnection, b: &mut PeerConnection) -> (String, String) {
    let offer = offer(a);
    let answer = answered(b, &offer);
    take_answer(a, &answer).unwrap();
    (offer, answer)
}

/// Events about media and negotiation since the last call.
pub(crate) fn media_events(peer: &mut PeerConnection) -> Vec<Event> {
    let all = core::iter::from_fn(|| peer.poll_event());
    let wanted =
        |e: &Event| matches!(e, Event::Track(_) | Event::TrackEnded(_) | Event::NegotiationNeeded);
    all.filter(wanted).collect()
}

pub(crate) fn of_kind(peer: &PeerConnection, kind: MediaKind) -> &Transceiver {
    peer.transceivers().find(|t| t.kind == kind).unwrap()
}

pub(crate) fn directions(peer: &PeerConnection) -> Vec<Option<Direction>> {
    peer.transceivers().map(|t| t.current_direction).collect()
}

/// The sections of a description, from their `m=` on.
pub(crate) fn sections(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text.match_indices("\r\nm=").map(|(at, _)| at + 2).collect();
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// The first words of the `m=` lines, `audio 9`.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let words = |section: &&str| {
        let line = section.lines().next().unwrap_or_default();
        line["m=".len()..].split(' ').take(2).collect::<Vec<_>>().join(" ")
    };
    sections(text).iter().map(words).collect()
}

pub(crate) fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

pub(crate) fn has_not(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(!text.contains(line), "{line:?} is in\n{text}");
    }
}

/// All that an application can see.
pub(crate) fn seen(peer: &PeerConnection) -> String {
    let transceivers: Vec<_> = peer.transceivers().collect();
    let (local, remote) = (peer.local_description(), peer.remote_description());
    format!("{:?} {local:#?} {remote:#?} {transceivers:#?}", peer.signaling_state())
}
