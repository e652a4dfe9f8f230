//! Offers and answers: states, what is rejected, what is refused, what browsers write.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, certificate, peer};
use patchcord_peer::{
    Config, ConnectionState, DataChannelInit, Event, IceCandidate, IceGatheringState, MediaKind,
    NegotiationError, OfferOptions, PeerConnection, SdpType, SessionDescription, SignalingState,
};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, SeededRng};

const NOW: Instant = Instant::ZERO;
const SECOND: Duration = Duration::from_secs(1);

fn fresh(n: u8) -> PeerConnection {
    peer(n, u64::from(n), Config::new(certificate()))
}

fn with_channel(n: u8) -> PeerConnection {
    let mut peer = fresh(n);
    peer.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    peer
}

fn offer() -> SessionDescription {
    let mut offerer = with_channel(1);
    offerer.set_local_description(NOW, None).unwrap();
    offerer.local_description().unwrap()
}

/// An offer of audio, video and data as Chromium 156 writes it, shortened.
const BROWSER_OFFER: &str = "v=0\r\n\
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n\
s=-\r\n\
t=0 0\r\n\
a=group:BUNDLE 0 1 2\r\n\
a=extmap-allow-mixed\r\n\
a=msid-semantic: WMS s\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n\
c=IN IP4 0.0.0.0\r\n\
a=rtcp:9 IN IP4 0.0.0.0\r\n\
a=ice-ufrag:abcd\r\n\
a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
a=ice-options:trickle\r\n\
a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
a=setup:actpass\r\n\
a=mid:0\r\n\
a=sendrecv\r\n\
a=rtcp-mux\r\n\
a=rtpmap:111 opus/48000/2\r\n\
a=rtpmap:0 PCMU/8000\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96\r\n\
c=IN IP4 0.0.0.0\r\n\
a=rtcp:9 IN IP4 0.0.0.0\r\n\
a=ice-ufrag:abcd\r\n\
a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
a=ice-options:trickle\r\n\
a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
a=setup:actpass\r\n\
a=mid:1\r\n\
a=sendrecv\r\n\
a=rtcp-mux\r\n\
a=rtpmap:96 VP8/90000\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
c=IN IP4 0.0.0.0\r\n\
a=ice-ufrag:abcd\r\n\
a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
a=ice-options:trickle sped googspedv1\r\n\
a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
a=setup:actpass\r\n\
a=mid:2\r\n\
a=sctp-port:5000\r\n\
a=max-message-size:262144\r\n";

#[test]
fn media_and_data_are_answered_in_their_places() {
    let mut answerer = fresh(2);
    answerer.set_remote_description(NOW, SessionDescription::offer(BROWSER_OFFER)).unwrap();
    let answer = answerer.create_answer(NOW).unwrap();
    answerer.set_local_description(NOW, Some(answer)).unwrap();
    let text = answerer.local_description().unwrap().sdp;
    for line in [
        "a=group:BUNDLE 0 1 2\r\n",
        "m=audio 5000 UDP/TLS/RTP/SAVPF 111 0\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        "a=mid:0\r\n",
        "a=mid:1\r\n",
        "a=mid:2\r\n",
        "a=setup:active\r\n",
        "a=sctp-port:5000\r\n",
        "a=max-message-size:262144\r\n",
        "a=end-of-candidates\r\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert_eq!(text.matches("\r\nm=").count(), 3);
    assert_eq!(text.matches("a=candidate:").count(), 1);
    assert_eq!(answerer.max_message_size(), 262_144);
    assert_eq!(answerer.signaling_state(), SignalingState::Stable);
}

#[test]
fn an_offer_of_nothing_that_we_have_is_rejected_whole_and_harmless() {
    let offer = BROWSER_OFFER.replace("m=audio", "m=image").replace("VP8/90000", "H261/90000");
    let end = offer.find("m=application").unwrap();
    let mut answerer = fresh(2);
    answerer.set_remote_description(NOW, SessionDescription::offer(&offer[..end])).unwrap();
    answerer.set_local_description(NOW, None).unwrap();
    let text = answerer.local_description().unwrap().sdp;
    assert_eq!((text.matches("\r\nm=").count(), text.matches(" 0 UDP").count()), (2, 2), "{text}");
    assert_eq!(answerer.transceivers().count(), 0);
    assert_eq!(answerer.poll_timeout(), None);
}

#[test]
fn commands_that_do_not_fit_the_state_change_nothing() {
    let invalid = |command, state| Err(NegotiationError::InvalidState { command, state });
    // A second offer on a busy peer.
    let mut busy = with_channel(2);
    busy.set_local_description(NOW, None).unwrap();
    let before = busy.local_description();
    assert_eq!(
        busy.set_remote_description(NOW, offer()),
        invalid("set_remote_description(offer)", SignalingState::HaveLocalOffer)
    );
    assert_eq!(busy.signaling_state(), SignalingState::HaveLocalOffer);
    assert_eq!(busy.local_description(), before);
    assert_eq!(busy.remote_description(), None);

    // An answer that nobody asked for.
    let mut idle = fresh(3);
    assert_eq!(
        idle.set_remote_description(NOW, SessionDescription::answer(offer().sdp)),
        invalid("set_remote_description(answer)", SignalingState::Stable)
    );
    assert_eq!(
        idle.create_answer(NOW),
        invalid("create_answer", SignalingState::Stable).map(|()| offer())
    );
    idle.set_remote_description(NOW, offer()).unwrap();
    let refused = idle.create_offer(NOW, OfferOptions::default());
    assert_eq!(refused.map(|_| ()), invalid("create_offer", SignalingState::HaveRemoteOffer));

    // A closed connection.
    idle.close(NOW);
    assert_eq!(
        idle.set_remote_description(NOW, offer()),
        invalid("set_remote_description(offer)", SignalingState::Closed)
    );
}

#[test]
fn only_what_was_created_can_be_set() {
    let mut offerer = with_channel(1);
    let offer = offerer.create_offer(NOW, OfferOptions::default()).unwrap();
    let munged = SessionDescription::offer(offer.sdp.replace("a=mid:0", "a=mid:9"));
    let refused = offerer.set_local_description(NOW, Some(munged));
    assert_eq!(refused, Err(NegotiationError::Modified(SdpType::Offer)));
    assert_eq!(offerer.signaling_state(), SignalingState::Stable);
    offerer.set_local_description(NOW, Some(offer)).unwrap();
}

#[test]
fn descriptions_that_lack_something_are_refused_with_its_name() {
    let lines = ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint"];
    for line in lines {
        let whole = offer().sdp;
        let without: String =
            whole.split_inclusive("\r\n").filter(|l| !l.starts_with(line)).collect();
        let mut answerer = fresh(2);
        let refused = answerer.set_remote_description(NOW, SessionDescription::offer(without));
        let message = refused.unwrap_err().to_string();
        assert!(message.contains(&line[2..]), "{message}");
        assert_eq!(answerer.signaling_state(), SignalingState::Stable);
    }
    let mut answerer = fresh(2);
    let refused = answerer.set_remote_description(NOW, SessionDescription::offer("hello"));
    assert!(matches!(refused, Err(NegotiationError::Syntax(_))));
}

#[test]
fn an_answer_must_match_its_offer() {
    let mut offerer = with_channel(1);
    offerer.set_local_description(NOW, None).unwrap();
    let refused = offerer.set_remote_description(NOW, SessionDescription::answer(BROWSER_OFFER));
    assert_eq!(refused, Err(NegotiationError::Mismatch { index: 0 }));
    assert_eq!(offerer.signaling_state(), SignalingState::HaveLocalOffer);
}

#[test]
fn rollback_takes_an_offer_back() {
    let mut offerer = with_channel(1);
    offerer.set_local_description(NOW, None).unwrap();
    offerer.set_local_description(NOW, Some(SessionDescription::rollback())).unwrap();
    assert_eq!(offerer.signaling_state(), SignalingState::Stable);
    assert_eq!(offerer.local_description(), None);
    let refused = offerer.set_local_description(NOW, Some(SessionDescription::rollback()));
    assert!(matches!(refused, Err(NegotiationError::InvalidState { .. })));
    // The channel still wants an offer.
    let needed = core::iter::from_fn(|| offerer.poll_event())
        .filter(|event| *event == Event::NegotiationNeeded)
        .count();
    assert_eq!(needed, 2);
}

#[test]
fn candidates_are_trickled_both_ways() {
    let link = LinkConfig::delayed(Duration::from_millis(5));
    let mut call = Call::new(link, 1);
    let (rng_a, rng_b) = (SeededRng::new(1), SeededRng::new(2));
    call.pair.a = PeerConnection::new(Config::new(certificate()), Box::new(rng_a));
    call.pair.b = PeerConnection::new(Config::new(certificate()), Box::new(rng_b));
    let pair = &mut call.pair;
    pair.a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    pair.a.set_local_description(NOW, None).unwrap();
    assert_eq!(pair.a.ice_gathering_state(), IceGatheringState::Gathering);
    pair.b.set_remote_description(NOW, pair.a.local_description().unwrap()).unwrap();
    pair.b.set_local_description(NOW, None).unwrap();
    pair.a.set_remote_description(NOW, pair.b.local_description().unwrap()).unwrap();
    for (peer, n) in [(&mut pair.a, 1), (&mut pair.b, 2)] {
        peer.add_local_candidate(NOW, call::address(n));
        peer.end_of_local_candidates(NOW);
        assert_eq!(peer.ice_gathering_state(), IceGatheringState::Complete);
    }
    pair.run_for(Duration::from_millis(1));
    let trickled = |events: &[Event]| -> Vec<Option<IceCandidate>> {
        let candidate = |event: &Event| match event {
            Event::IceCandidate(candidate) => Some(candidate.clone()),
            _ => None,
        };
        events.iter().filter_map(candidate).collect()
    };
    let (of_a, of_b) = (trickled(&pair.a_events), trickled(&pair.b_events));
    assert_eq!((of_a.len(), of_b.len()), (2, 2), "a candidate and the end");
    assert!(of_a[0].as_ref().unwrap().candidate.starts_with("candidate:"));
    assert_eq!(of_a[0].as_ref().unwrap().sdp_mid.as_deref(), Some("0"));
    for candidate in of_a {
        pair.b.add_ice_candidate(pair.now, candidate).unwrap();
    }
    for candidate in of_b {
        pair.a.add_ice_candidate(pair.now, candidate).unwrap();
    }
    call.opened(Duration::from_secs(10));
}

#[test]
fn bad_candidates_say_why_and_names_are_ignored() {
    let mut peer = fresh(2);
    let candidate = |text: &str, mid: &str| IceCandidate {
        candidate: text.to_owned(),
        sdp_mid: Some(mid.to_owned()),
        ..IceCandidate::default()
    };
    let good = "candidate:1 1 udp 2113937151 192.0.2.1 5000 typ host";
    let early = peer.add_ice_candidate(NOW, Some(candidate(good, "0")));
    assert!(matches!(early, Err(NegotiationError::InvalidState { .. })));
    peer.set_remote_description(NOW, SessionDescription::offer(BROWSER_OFFER)).unwrap();
    peer.add_ice_candidate(NOW, Some(candidate(good, "2"))).unwrap();
    peer.add_ice_candidate(NOW, Some(candidate("", "2"))).unwrap();
    let name =
        "candidate:1 1 udp 2113937151 1b9f58ca-e1f4-4a5a-8a5e-1c3a0a6f9d11.local 5000 typ host";
    peer.add_ice_candidate(NOW, Some(candidate(name, "2"))).unwrap();
    let unknown = peer.add_ice_candidate(NOW, Some(candidate(good, "7")));
    assert_eq!(unknown, Err(NegotiationError::UnknownSection));
    let bad = peer.add_ice_candidate(NOW, Some(candidate("candidate:nonsense", "2")));
    assert!(matches!(bad, Err(NegotiationError::Candidate(_))));
}

#[test]
fn both_roles_of_dtls_work_in_both_directions() {
    for theirs in ["a=setup:actpass", "a=setup:active", "a=setup:passive"] {
        let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
        let pair = &mut call.pair;
        pair.a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
        pair.a.set_local_description(NOW, None).unwrap();
        let mut offer = pair.a.local_description().unwrap();
        offer.sdp = offer.sdp.replace("a=setup:actpass", theirs);
        pair.b.set_remote_description(NOW, offer).unwrap();
        pair.b.set_local_description(NOW, None).unwrap();
        pair.a.set_remote_description(NOW, pair.b.local_description().unwrap()).unwrap();
        call.opened(Duration::from_secs(10));
    }
}

#[test]
fn a_second_negotiation_keeps_what_is_there() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.forget_events();
    // From the other side this time.
    let pair = &mut call.pair;
    pair.b.set_local_description(pair.now, None).unwrap();
    pair.a.set_remote_description(pair.now, pair.b.local_description().unwrap()).unwrap();
    pair.a.set_local_description(pair.now, None).unwrap();
    let answer = pair.a.local_description().unwrap();
    assert!(answer.sdp.contains("a=setup:passive"), "the DTLS roles stay:\n{}", answer.sdp);
    pair.b.set_remote_description(pair.now, answer).unwrap();
    pair.run_for(Duration::from_secs(1));
    let lost = |e: &Event| matches!(e, Event::ConnectionStateChange(_) | Event::ChannelClosed(_));
    assert!(!pair.a_events.iter().any(lost) && !pair.b_events.iter().any(lost));
    pair.a.channel_send(pair.now, here, patchcord_peer::Message::text("on")).unwrap();
    pair.run_for(Duration::from_secs(1));
    assert_eq!(call::read_all(&mut pair.b, pair.now, there).len(), 1);
}

#[test]
fn of_an_offer_only_the_candidates_of_the_bundles_transport_count() {
    // An offerer that does not know yet whether its sections will share a transport gathers for
    // each of them. Whoever pairs with the others waits for what will be thrown away.
    let candidate = |port: u16, mid: Option<&str>, index: Option<u16>| IceCandidate {
        candidate: format!("candidate:1 1 udp 2113937151 10.0.0.1 {port} typ host"),
        sdp_mid: mid.map(str::to_owned),
        sdp_m_line_index: index,
        ..IceCandidate::default()
    };
    let checked = |candidate: IceCandidate| {
        let mut peer = fresh(2);
        peer.set_remote_description(NOW, SessionDescription::offer(BROWSER_OFFER)).unwrap();
        peer.set_local_description(NOW, None).unwrap();
        let port = candidate.candidate.split(' ').nth(5).unwrap().parse::<u16>().unwrap();
        peer.add_ice_candidate(NOW, Some(candidate)).unwrap();
        let mut now = NOW;
        let mut ports = Vec::new();
        while let Some(next) = peer.poll_timeout().filter(|at| *at < NOW + SECOND) {
            now = now.max(next);
            peer.handle_timeout(now);
            let mut buf = Vec::new();
            while let Some(transmit) = peer.poll_transmit(now, &mut buf) {
                ports.push(transmit.path.remote.port());
            }
        }
        ports.contains(&port)
    };
    assert!(!checked(candidate(1001, Some("1"), Some(1))));
    assert!(!checked(candidate(1002, Some("2"), None)));
    assert!(!checked(candidate(1003, None, Some(2))));
    assert!(checked(candidate(1004, Some("0"), Some(0))));
    assert!(checked(candidate(1005, None, Some(0))));
    assert!(checked(candidate(1006, Some(""), Some(0))));
    assert!(checked(candidate(1007, None, None)));
}

#[test]
fn a_call_without_data_connects() {
    let link = LinkConfig::delayed(Duration::from_millis(5));
    let mut call = Call::new(link, 1);
    call.pair.a.add_track(NOW, MediaKind::Video, &[]).unwrap();
    call.signal();
    let connected = call.pair.run_until(
        |p| [&p.a, &p.b].iter().all(|p| p.connection_state() == ConnectionState::Connected),
        SECOND,
    );
    assert!(connected);
    assert_eq!(call.pair.a.max_message_size(), 0);
    // Data comes later.
    let pair = &mut call.pair;
    pair.a.create_data_channel(pair.now, "d", &DataChannelInit::default()).unwrap();
    call.signal();
    call.opened(SECOND);
}
