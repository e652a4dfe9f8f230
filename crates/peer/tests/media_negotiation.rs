//! Offers and answers of media: transceivers, their sections, and what becomes of them.

#![cfg(test)]

mod call;

use call::{certificate, peer};
use patchcord_peer::{
    Config, Direction, Event, MediaKind, PeerConnection, Transceiver, TransceiverInit,
};
use sansio::{Instant, Machine};

const NOW: Instant = Instant::ZERO;

fn fresh(n: u8) -> PeerConnection {
    peer(n, u64::from(n), Config::new(certificate()))
}

fn stream() -> Vec<String> {
    vec!["stream".to_owned()]
}

/// Offer and answer from `a` to `b`: their texts.
fn negotiate(a: &mut PeerConnection, b: &mut PeerConnection) -> (String, String) {
    a.set_local_description(NOW, None).unwrap();
    let offer = a.local_description().unwrap();
    b.set_remote_description(NOW, offer.clone()).unwrap();
    b.set_local_description(NOW, None).unwrap();
    let answer = b.local_description().unwrap();
    a.set_remote_description(NOW, answer.clone()).unwrap();
    (offer.sdp, answer.sdp)
}

/// Events about media since the last call.
fn media_events(peer: &mut PeerConnection) -> Vec<Event> {
    let all = core::iter::from_fn(|| peer.poll_event());
    let wanted =
        |e: &Event| matches!(e, Event::Track(_) | Event::TrackEnded(_) | Event::NegotiationNeeded);
    all.filter(wanted).collect()
}

fn of_kind(peer: &PeerConnection, kind: MediaKind) -> &Transceiver {
    peer.transceivers().find(|t| t.kind == kind).unwrap()
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn sound_and_pictures_are_offered_and_answered() {
    let (mut a, mut b) = (fresh(1), fresh(2));
    let audio = a.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    let video = a.add_track(NOW, MediaKind::Video, &stream()).unwrap();
    assert_eq!(media_events(&mut a), [Event::NegotiationNeeded]);
    let (offer, answer) = negotiate(&mut a, &mut b);
    has(
        &offer,
        &[
            "a=group:BUNDLE 0 1\r\n",
            "m=audio 5000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 ",
            "a=msid:stream ",
            "a=ssrc-group:FID ",
            "a=rtpmap:111 opus/48000/2\r\n",
            "a=fmtp:97 apt=96\r\n",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
        ],
    );
    has(&answer, &["a=group:BUNDLE 0 1\r\n", "a=recvonly\r\n", "a=rtcp-mux\r\n"]);
    assert!(!answer.contains("a=ssrc"));
    // The other side has made its transceivers, and knows what comes.
    let tracks: Vec<Event> = b.transceivers().map(|t| Event::Track(t.id)).collect();
    assert_eq!(tracks.len(), 2);
    assert_eq!(media_events(&mut b), tracks);
    let there = of_kind(&b, MediaKind::Video);
    assert_eq!(there.mid.as_deref(), Some("1"));
    assert_eq!(there.direction, Direction::RecvOnly);
    assert_eq!(there.current_direction, Some(Direction::RecvOnly));
    assert_eq!(there.remote_streams, stream());
    assert!(there.remote_track.is_some());
    assert_eq!(there.codecs.first().map(|c| c.name.as_str()), Some("VP8"));
    for (id, mid) in [(audio, "0"), (video, "1")] {
        let here = a.transceiver(id).unwrap();
        assert_eq!(here.mid.as_deref(), Some(mid));
        assert_eq!(here.current_direction, Some(Direction::SendOnly));
        assert!(!here.codecs.is_empty());
    }
    assert_eq!(media_events(&mut a), []);
}
