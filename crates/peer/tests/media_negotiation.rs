//! What is offered and answered about media: codecs, numbers, header extensions, encodings, the
//! bundle.

#![cfg(test)]

mod call;
mod signalling;

use patchcord_peer::rtp::PayloadType;
use patchcord_peer::{
    Codec, Config, DataChannelInit, Direction, Event, MediaKind, NegotiationError, PeerConnection,
    TransceiverError, TransceiverInit,
};
use signalling::{
    HEAD, NOW, TRANSPORT, answer, answered, direction, directions, fresh, has, has_not, lines,
    media_events, negotiate, of_kind, offer, sections, seen, streams, take_answer, take_offer,
    with_media,
};

use call::{certificate, peer};

fn names(codecs: &[Codec]) -> Vec<(&str, u8)> {
    codecs.iter().map(|codec| (codec.name.as_str(), codec.payload_type.get())).collect()
}

#[test]
fn sound_and_pictures_are_offered_and_answered() {
    let (mut a, mut b) = (fresh(1), fresh(2));
    let audio = a.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    let video = a.add_track(NOW, MediaKind::Video, &streams(&["stream"])).unwrap();
    assert_eq!(media_events(&mut a), [Event::NegotiationNeeded]);
    let (offer, answer) = negotiate(&mut a, &mut b);
    has(
        &offer,
        &[
            "a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS stream\r\n",
            "m=audio 5000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 ",
            "a=rtpmap:111 opus/48000/2\r\n",
            "a=fmtp:63 111/111\r\n",
            "a=fmtp:97 apt=96\r\n",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
        ],
    );
    has(sections(&offer)[0], &["a=msid:- ", "a=sendrecv\r\n", " cname:", " msid:- "]);
    has(sections(&offer)[1], &["a=msid:stream ", "a=ssrc-group:FID ", " msid:stream "]);
    has(&answer, &["a=group:BUNDLE 0 1\r\n", "a=recvonly\r\n", "a=rtcp-mux\r\n", "a=rtcp-rsize"]);
    has_not(&answer, &["a=ssrc", "a=msid:", "a=bundle-only"]);
    // The other side has made its transceivers, and knows what comes.
    let tracks: Vec<Event> = b.transceivers().map(|t| Event::Track(t.id)).collect();
    assert_eq!(tracks.len(), 2);
    assert_eq!(media_events(&mut b), tracks);
    let there = of_kind(&b, MediaKind::Video);
    assert_eq!(there.mid.as_deref(), Some("1"));
    assert_eq!(there.direction, Direction::RecvOnly);
    assert_eq!(there.current_direction, Some(Direction::RecvOnly));
    assert_eq!(there.remote_streams, ["stream"]);
    assert!(there.remote_track.is_some());
    for (id, mid) in [(audio, "0"), (video, "1")] {
        let here = a.transceiver(id).unwrap();
        assert_eq!(here.mid.as_deref(), Some(mid));
        assert_eq!(here.current_direction, Some(Direction::SendOnly));
        let there = b.transceivers().find(|t| t.mid == here.mid).unwrap();
        assert_eq!(names(&here.codecs), names(&there.codecs));
    }
    assert_eq!(media_events(&mut a), []);
}

#[test]
fn all_directions_meet() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    let all = [SendRecv, SendOnly, RecvOnly, Inactive];
    for (ours, theirs) in all.iter().flat_map(|x| all.map(|y| (*x, y))) {
        let (mut a, mut b) = (fresh(1), fresh(2));
        a.add_transceiver(NOW, MediaKind::Audio, &direction(ours)).unwrap();
        let text = offer(&mut a);
        take_offer(&mut b, &text).unwrap();
        let made = of_kind(&b, MediaKind::Audio).id;
        b.set_direction(NOW, made, theirs).unwrap();
        let text = answer(&mut b);
        take_answer(&mut a, &text).unwrap();
        let expected = ours.intersection(theirs.reversed());
        assert_eq!(directions(&a), [Some(expected)], "{ours} {theirs}");
        assert_eq!(directions(&b), [Some(expected.reversed())], "{ours} {theirs}");
        let heard = |peer: &mut PeerConnection| {
            let events = media_events(peer);
            let tracks = events.iter().filter(|e| matches!(e, Event::Track(_))).count();
            let ended = events.iter().filter(|e| matches!(e, Event::TrackEnded(_))).count();
            tracks > ended
        };
        assert_eq!((heard(&mut a), heard(&mut b)), (expected.receives(), expected.sends()));
    }
}

/// Opus as 109, VP8 as 120 with 124, extensions with numbers of their own.
fn foreign_offer() -> String {
    let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 8 109 101\r\nc=IN IP4 0.0.0.0\r\na=mid:x\r\n\
        a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
        a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
        a=extmap:9 urn:example:unknown\r\na=rtcp-mux\r\n\
        a=rtpmap:109 OPUS/48000/2\r\na=fmtp:109 stereo=1\r\na=rtcp-fb:* transport-cc\r\n\
        a=rtpmap:101 telephone-event/8000/1\r\na=fmtp:101 0-15\r\n";
    let video = "m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 123\r\nc=IN IP4 0.0.0.0\r\na=mid:y\r\n\
        a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-mux\r\na=rtcp-rsize\r\n\
        a=rtpmap:120 VP8/90000\r\na=fmtp:120 max-fs=12288;max-fr=60\r\n\
        a=rtcp-fb:120 nack\r\na=rtcp-fb:120 nack pli\r\n\
        a=rtpmap:124 rtx/90000\r\na=fmtp:124 apt=120\r\n\
        a=rtpmap:126 H264/90000\r\na=fmtp:126 profile-level-id=42c015;packetization-mode=1\r\n\
        a=rtpmap:123 ulpfec/90000\r\n";
    format!("{HEAD}a=group:BUNDLE x y\r\n{audio}{TRANSPORT}{video}{TRANSPORT}")
}

#[test]
fn an_answer_has_the_numbers_and_the_order_of_the_offer() {
    let mut b = fresh(2);
    let text = answered(&mut b, &foreign_offer());
    let sections = sections(&text);
    has(
        sections[0],
        &[
            "m=audio 5000 UDP/TLS/RTP/SAVPF 8 109 101\r\n",
            "a=rtpmap:8 PCMA/8000\r\n",
            "a=rtcp-fb:8 transport-cc\r\n",
            "a=rtpmap:109 opus/48000/2\r\na=rtcp-fb:109 transport-cc\r\n",
            "a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
            "a=extmap:2/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
        ],
    );
    has_not(sections[0], &["extmap:9", "rtcp-rsize", "nack"]);
    has(
        sections[1],
        &[
            "m=video 9 UDP/TLS/RTP/SAVPF 120 124 126\r\n",
            "a=rtcp-fb:120 nack\r\na=rtcp-fb:120 nack pli\r\n",
            "a=fmtp:124 apt=120\r\n",
            // Its level is 2.1: without level-asymmetry-allowed the answer has no other.
            "a=fmtp:126 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e015",
            "a=rtcp-rsize\r\n",
        ],
    );
    has_not(sections[1], &["remb", "transport-cc", "ulpfec"]);
    let video = of_kind(&b, MediaKind::Video);
    assert_eq!(names(&video.codecs), [("VP8", 120), ("H264", 126)]);
    assert_eq!(video.codecs[0].rtx, PayloadType::new(124));
    assert!(video.codecs[0].feedback.nack && !video.codecs[0].feedback.fir);
}

#[test]
fn numbers_stay_what_they_were_in_offers_of_our_own() {
    let mut b = fresh(2);
    answered(&mut b, &foreign_offer());
    b.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    let text = offer(&mut b);
    let sections = sections(&text);
    // Agreed ones first, in the agreed order; then what else we have, evading taken numbers.
    has(sections[0], &["m=audio 5000 UDP/TLS/RTP/SAVPF 8 109 101 63 9 0 13 110\r\n"]);
    has(sections[0], &["a=fmtp:63 109/109\r\n"]);
    has(sections[1], &["m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 "]);
    // The new section calls everything by the names that it has already.
    has(sections[2], &["m=audio 9 UDP/TLS/RTP/SAVPF 109 63 9 0 8 13 110 101\r\n"]);
    for section in &sections {
        has(section, &["a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"]);
    }
    let mut numbers: Vec<&str> = Vec::new();
    for line in sections[1].lines().filter_map(|line| line.strip_prefix("a=rtpmap:")) {
        let number = line.split(' ').next().unwrap();
        assert!(!numbers.contains(&number), "{number} twice in\n{}", sections[1]);
        assert!(!["8", "109", "101", "63", "9", "0", "13", "110"].contains(&number), "{number}");
        numbers.push(number);
    }
    let ids: Vec<&str> = text.lines().filter(|line| line.starts_with("a=extmap:2 ")).collect();
    assert!(ids.iter().all(|line| line.ends_with("ssrc-audio-level")), "{ids:?}");
}

#[test]
fn preferences_choose_and_order_codecs() {
    let config = Config::new(certificate());
    let named = |name: &str| config.codecs.iter().find(|c| c.name == name).unwrap().clone();
    let (mut a, _, video) = with_media(1);
    let preferred = [named("VP9"), named("VP8"), named("VP9")];
    a.set_codec_preferences(NOW, video, &preferred).unwrap();
    let text = offer(&mut a);
    has(sections(&text)[1], &["m=video 9 UDP/TLS/RTP/SAVPF 98 99 96 97\r\n"]);
    // In an answer they go before the offer's order.
    let mut b = fresh(2);
    let (mut c, ..) = with_media(3);
    let text = offer(&mut c);
    take_offer(&mut b, &text).unwrap();
    let made = of_kind(&b, MediaKind::Video).id;
    b.set_codec_preferences(NOW, made, &[named("AV1"), named("VP8")]).unwrap();
    let text = answer(&mut b);
    has(sections(&text)[1], &["m=video 9 UDP/TLS/RTP/SAVPF 45 46 96 97\r\n"]);
    // None of the offer's is preferred: the section is rejected, and the transceiver is gone.
    let (mut a, mut b) = (fresh(1), fresh(2));
    let id = a.add_transceiver(NOW, MediaKind::Video, &TransceiverInit::default()).unwrap();
    a.set_codec_preferences(NOW, id, &[named("VP8")]).unwrap();
    let text = offer(&mut a);
    take_offer(&mut b, &text).unwrap();
    let made = of_kind(&b, MediaKind::Video).id;
    b.set_codec_preferences(NOW, made, &[named("AV1")]).unwrap();
    let text = answer(&mut b);
    assert_eq!(lines(&text), ["video 0"]);
    assert_eq!(b.transceivers().count(), 0);
    assert_eq!(media_events(&mut b), [Event::Track(made), Event::TrackEnded(made)]);
}

#[test]
fn preferences_that_cannot_be_negotiated_are_refused() {
    let (mut a, audio, video) = with_media(1);
    let codecs = Config::new(certificate()).codecs;
    let opus = codecs.iter().find(|c| c.name == "opus").unwrap().clone();
    let red = codecs.iter().find(|c| c.name == "red").unwrap().clone();
    let unknown = Codec { name: "H266".into(), ..opus.clone() };
    let refused = |name: &str| Err(TransceiverError::Codec(name.to_owned()));
    assert_eq!(a.set_codec_preferences(NOW, audio, &[opus.clone(), unknown]), refused("H266"));
    assert_eq!(a.set_codec_preferences(NOW, video, std::slice::from_ref(&opus)), refused("opus"));
    assert_eq!(a.set_codec_preferences(NOW, audio, &[red]), refused("red"));
    has(&offer(&mut a), &["m=audio 5000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"]);
}

#[test]
fn simulcast_that_is_offered_is_accepted_and_kept() {
    let encodings = "a=rid:q send\r\na=rid:h send max-width=640\r\na=rid:f send pt=126,96\r\n\
        a=rid:z send pt=123\r\na=simulcast:send q;~h,none;f;z\r\n";
    let text = foreign_offer() + encodings;
    let mut b = fresh(2);
    let answer = answered(&mut b, &text);
    let accepted = "a=rid:q recv\r\na=rid:h recv max-width=640\r\na=rid:f recv pt=126\r\n\
        a=simulcast:recv q;h;f\r\n";
    has(sections(&answer)[1], &[accepted]);
    // RFC 8853 §5.3: a later offer that does not say it would end it.
    has(sections(&offer(&mut b))[1], &[accepted]);
    // Who does not receive accepts none.
    let mut c = fresh(3);
    take_offer(&mut c, &text).unwrap();
    let made = of_kind(&c, MediaKind::Video).id;
    c.set_direction(NOW, made, Direction::SendOnly).unwrap();
    has_not(&signalling::answer(&mut c), &["a=rid", "a=simulcast"]);
}

#[test]
fn what_cannot_be_accepted_is_rejected_alone() {
    let cases: [(&str, &str, &str); 7] = [
        ("no codec of ours", "opus/48000/2", "opus/48000/3"),
        ("no multiplexed RTCP", "a=rtcp-mux\r\n", ""),
        ("no encryption", "m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 RTP/AVP"),
        ("another kind", "m=audio", "m=text"),
        ("rejected by itself", "m=audio 9", "m=audio 0"),
        ("outside of the bundle", "BUNDLE 0 1 2", "BUNDLE 1 2"),
        ("in another bundle", "BUNDLE 0 1 2", "BUNDLE 1 2\r\na=group:BUNDLE 0"),
    ];
    for (what, from, to) in cases {
        let mut a = fresh(1);
        for kind in [MediaKind::Video, MediaKind::Audio] {
            a.add_transceiver(NOW, kind, &TransceiverInit::default()).unwrap();
        }
        a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
        let opus = a.transceivers().nth(1).unwrap().id;
        let codec = Config::new(certificate()).codecs[0].clone();
        a.set_codec_preferences(NOW, opus, &[codec]).unwrap();
        let text = offer(&mut a);
        // The audio section comes second: rename the mids, so that `0` is the one in question.
        let text = text.replace("a=mid:0", "a=mid:x").replace("a=mid:1", "a=mid:0");
        let text = text.replace("a=mid:x", "a=mid:1").replace("BUNDLE 0 1 2", "BUNDLE 1 0 2");
        let at = text.find("m=audio").unwrap();
        let end = text.find("m=application").unwrap();
        let changed = if from.starts_with("BUNDLE") {
            text.replace("BUNDLE 1 0 2", to)
        } else {
            format!("{}{}{}", &text[..at], text[at..end].replace(from, to), &text[end..])
        };
        assert_ne!(changed, text, "{what}");
        let mut b = fresh(2);
        let answer = answered(&mut b, &changed);
        let ports: Vec<String> =
            lines(&answer).iter().map(|l| l.split(' ').nth(1).unwrap().to_owned()).collect();
        assert_eq!(ports, ["5000", "0", "9"], "{what}:\n{answer}");
        has(&answer, &["a=group:BUNDLE 1 2\r\n"]);
        assert_eq!(b.transceivers().count(), 1, "{what}");
    }
}

#[test]
fn without_a_bundle_the_first_section_alone_is_accepted() {
    let mut b = fresh(2);
    let answer = answered(&mut b, &foreign_offer().replace("a=group:BUNDLE x y\r\n", ""));
    assert_eq!(lines(&answer), ["audio 5000", "video 0"]);
    has_not(&answer, &["a=group"]);
    assert_eq!(b.transceivers().count(), 1);

    // And of an answer that does not bundle.
    let (mut a, audio, video) = with_media(1);
    let text = offer(&mut a);
    let answer = answered(&mut fresh(2), &text).replace("a=group:BUNDLE 0 1\r\n", "");
    take_answer(&mut a, &answer).unwrap();
    assert_eq!(a.transceiver(audio).unwrap().current_direction, Some(Direction::SendOnly));
    assert!(a.transceiver(video).is_none());
    assert_eq!(lines(&offer(&mut a)), ["audio 5000", "video 0"]);
}

#[test]
fn a_section_for_the_bundle_alone_may_have_port_0() {
    let text = foreign_offer().replace("m=video 9", "m=video 0");
    let text = text.replace("a=mid:y\r\n", "a=mid:y\r\na=bundle-only\r\n");
    let answer = answered(&mut fresh(2), &text);
    assert_eq!(lines(&answer), ["audio 5000", "video 9"]);
    // Outside of a bundle it is of no use.
    let alone = text.replace("a=group:BUNDLE x y\r\n", "");
    let answer = answered(&mut fresh(2), &alone);
    assert_eq!(lines(&answer), ["audio 5000", "video 0"]);
}

#[test]
fn the_transport_may_be_described_once_for_all() {
    // As Firefox does it: fingerprint and options for the session; and as RFC 9143 has it:
    // credentials in the first section of the bundle alone.
    let bare = foreign_offer().replace(TRANSPORT, "");
    let mut moved = bare.replace("a=group", &format!("{TRANSPORT}a=group"));
    assert_eq!(lines(&answered(&mut fresh(2), &moved)), ["audio 5000", "video 9"]);
    moved = bare.replace("m=video", &format!("{TRANSPORT}m=video"));
    assert_eq!(lines(&answered(&mut fresh(2), &moved)), ["audio 5000", "video 9"]);
    // If that section is rejected, what it says still holds for its bundle.
    moved = moved.replace(" 8 109 101\r\n", " 101\r\n");
    assert_eq!(lines(&answered(&mut fresh(2), &moved)), ["audio 0", "video 5000"]);
    assert_eq!(
        take_offer(&mut fresh(2), &bare),
        Err(NegotiationError::Missing { index: 0, missing: "ice-ufrag" })
    );
}

#[test]
fn answers_that_do_not_fit_their_offer_are_refused() {
    let (mut a, ..) = with_media(1);
    let text = offer(&mut a);
    let good = answered(&mut fresh(2), &text);
    let before = seen(&a);
    let unacceptable = |index, what| NegotiationError::Unacceptable { index, what };
    for (bad, why) in [
        (
            good.replace("a=setup:active", "a=setup:actpass"),
            unacceptable(0, "an answer with setup:actpass"),
        ),
        (good.replacen("a=rtcp-mux\r\n", "", 1), unacceptable(0, "an answer without rtcp-mux")),
        (
            good.replace("VP8", "VP7")
                .replace("VP9", "VP7")
                .replace("AV1", "VP7")
                .replace("H264", "VP7"),
            unacceptable(1, "an answer without a codec of the offer"),
        ),
        (good.replace("m=video", "m=audio"), NegotiationError::Mismatch { index: 1 }),
        (good.replace("a=mid:1", "a=mid:7"), NegotiationError::Mismatch { index: 1 }),
        (good.replace("a=mid:1", "a=mid:0"), unacceptable(1, "a mid given twice")),
        (good[..good.find("m=video").unwrap()].to_owned(), NegotiationError::Mismatch { index: 1 }),
        (format!("{good}m=audio 0 RTP/AVP 0\r\n"), NegotiationError::Mismatch { index: 2 }),
    ] {
        assert_eq!(take_answer(&mut a, &bad), Err(why), "{bad}");
        assert_eq!(seen(&a), before);
    }
    take_answer(&mut a, &good).unwrap();
}

#[test]
fn an_offer_with_too_many_sections_is_refused() {
    let mut config = Config::new(certificate());
    config.max_sections = 3;
    let mut b = peer(2, 2, config);
    let mut a = fresh(1);
    for _ in 0..4 {
        a.add_transceiver(NOW, MediaKind::Audio, &direction(Direction::SendOnly)).unwrap();
    }
    let text = offer(&mut a);
    assert_eq!(take_offer(&mut b, &text), Err(NegotiationError::Mismatch { index: 3 }));
    assert_eq!(b.transceivers().count(), 0);
}

#[test]
fn streams_are_named_as_older_drafts_did_too() {
    let source = "a=ssrc:7 cname:c\r\na=ssrc:7 msid:s t\r\na=ssrc:8 msid:s t\r\n\
        a=ssrc-group:FID 7 8\r\n";
    let mut b = fresh(2);
    answered(&mut b, &(foreign_offer() + source));
    let video = of_kind(&b, MediaKind::Video);
    assert_eq!(video.remote_streams, ["s"]);
    assert_eq!(video.remote_track.as_deref(), Some("t"));
    assert!(of_kind(&b, MediaKind::Audio).remote_streams.is_empty());
}
