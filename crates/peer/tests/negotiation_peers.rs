//! Descriptions of real peers: browsers, gateways, libraries. `PATCHCORD_CORPUS` names a folder of
//! them; beside it, `peers/sdp` has those that were recorded from peers that run.

#![cfg(test)]

mod call;
mod signalling;

use std::fs;
use std::path::{Path, PathBuf};

use patchcord_peer::{Direction, Event, MediaKind, TransceiverInit};
use sdp::Session;
use signalling::{
    NOW, answered, direction, fresh, has, lines, media_events, negotiate, of_kind, offer, sections,
    take_answer, take_offer,
};

/// The files of a folder beside or below the corpus, if it is there.
fn files(folder: &str) -> Vec<(String, String)> {
    let Some(corpus) = std::env::var_os("PATCHCORD_CORPUS").map(PathBuf::from) else {
        println!("skipped: PATCHCORD_CORPUS names no corpus");
        return Vec::new();
    };
    let folder = corpus.join(folder);
    let mut found = Vec::new();
    collect(&folder, &mut found);
    if found.is_empty() {
        println!("skipped: nothing in {}", folder.display());
    }
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sdp")
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push((path.display().to_string(), text));
        }
    }
}

/// Checks what RFC 3264 and RFC 9143 ask of every answer.
fn check_answer(file: &str, offered: &str, answer: &str) {
    let offered = Session::parse(offered).unwrap();
    let answer = Session::parse(answer).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(offered.media.len(), answer.media.len(), "{file}");
    let bundle = answer.bundle_groups().next();
    for (theirs, ours) in offered.sections().zip(answer.sections()) {
        assert_eq!(
            (theirs.media.kind.as_str(), &theirs.media.protocol),
            (ours.media.kind.as_str(), &ours.media.protocol),
            "{file}"
        );
        assert_eq!(theirs.media.mid(), ours.media.mid(), "{file}");
        let bundled = ours.media.mid().is_some_and(|m| bundle.is_some_and(|b| b.contains(m)));
        if ours.media.is_rejected() {
            assert!(!bundled, "{file}");
            continue;
        }
        assert!(!theirs.media.is_rejected(), "{file}");
        assert!(bundled || bundle.is_none(), "{file}");
        assert!(ours.ice_ufrag().is_some() && ours.fingerprints().next().is_some(), "{file}");
        let formats = &theirs.media.formats;
        assert!(ours.media.formats.iter().all(|f| formats.contains(f)), "{file}");
        let within = ours.direction().intersection(theirs.direction().reversed());
        assert!(!ours.media.is_rtp() || ours.direction() == within, "{file}");
        for extmap in ours.extmaps() {
            let same = |e: &&sdp::attribute::Extmap<'_>| e.id == extmap.id && e.uri == extmap.uri;
            assert!(theirs.extmaps().any(|e| same(&e)), "{file}: {extmap}");
        }
        for feedback in ours.media.rtcp_fbs() {
            let number = feedback.payload_type.unwrap();
            let mut lines = theirs.media.rtcp_fbs().filter(|line| line.covers(number));
            assert!(lines.any(|line| line.feedback == feedback.feedback), "{file}: {feedback}");
        }
    }
}

#[test]
fn offers_of_real_peers_are_answered() {
    let mut count = 0;
    for (file, text) in files("../peers/sdp") {
        let name = file.rsplit('/').next().unwrap();
        if !name.contains("offer") || name.starts_with("libnice") {
            continue;
        }
        let mut peer = fresh(2);
        let answer = answered(&mut peer, &text);
        check_answer(&file, &text, &answer);
        assert_eq!(peer.transceivers().count(), 2, "{file}");
        let wrong = lines(&answer).iter().any(|line| line.ends_with(" 0"));
        assert!(!wrong, "{file}: everything that they offer is accepted\n{answer}");
        for transceiver in peer.transceivers() {
            assert!(transceiver.codecs.len() < 20 && !transceiver.codecs.is_empty(), "{file}");
        }
        count += 1;
        // And we can offer the same in our turn.
        let again = offer(&mut peer);
        assert_eq!(lines(&again).len(), 3, "{file}");
    }
    assert!(count == 0 || count > 8, "{count}");
}

#[test]
fn what_each_peer_has_is_understood() {
    for (file, text) in files("../peers/sdp") {
        let name = file.rsplit('/').next().unwrap();
        let mut peer = fresh(2);
        let video = |peer: &patchcord_peer::PeerConnection| {
            let codecs = of_kind(peer, MediaKind::Video).codecs.clone();
            codecs.iter().map(|codec| codec.name.clone()).collect::<Vec<_>>()
        };
        match name {
            "chromium-offer.sdp" => {
                answered(&mut peer, &text);
                let expected = [["H264"; 6].as_slice(), &["AV1", "VP9", "VP9"]].concat();
                assert_eq!(video(&peer)[0], "VP8");
                assert_eq!(video(&peer)[1..], expected);
                let audio = &of_kind(&peer, MediaKind::Audio).codecs;
                assert_eq!(audio.len(), 8);
            }
            "firefox-offer.sdp" => {
                let answer = answered(&mut peer, &text);
                assert_eq!(video(&peer), ["VP8", "VP9", "AV1"]);
                has(
                    sections(&answer)[0],
                    &[
                        "a=rtcp-fb:9 transport-cc",
                        "m=audio 5000 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\n",
                    ],
                );
            }
            "aiortc-offer.sdp" => {
                answered(&mut peer, &text);
                assert_eq!(video(&peer), ["VP8", "H264", "H264"]);
                let codecs = &of_kind(&peer, MediaKind::Video).codecs;
                assert!(codecs.iter().all(|c| c.rtx.is_some() && !c.feedback.transport_cc));
            }
            "gstreamer-offer.sdp" => {
                let answer = answered(&mut peer, &text);
                assert_eq!(video(&peer), ["VP8"]);
                has(&answer, &["a=group:BUNDLE video0 audio1 application2\r\n"]);
                assert_eq!(of_kind(&peer, MediaKind::Audio).codecs[0].name, "opus");
            }
            "chromium-simulcast-offer.sdp" => {
                let answer = answered(&mut peer, &text);
                has(
                    sections(&answer)[1],
                    &["a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n"],
                );
            }
            _ => {}
        }
    }
}

/// An offer of ours whose sections and numbers are those of a recorded one, so that the recorded
/// answer to it fits.
#[test]
fn answers_of_real_peers_are_taken() {
    for (file, text) in files("../peers/sdp") {
        let name = file.rsplit('/').next().unwrap();
        let recorded = name.contains("answer") && !name.contains("Final");
        if !recorded || name.starts_with("aiortc") || name.starts_with("gstreamer") {
            continue;
        }
        let mut peer = fresh(1);
        for kind in [MediaKind::Audio, MediaKind::Video] {
            peer.add_transceiver(NOW, kind, &TransceiverInit::default()).unwrap();
        }
        peer.create_data_channel(NOW, "d", &Default::default()).unwrap();
        offer(&mut peer);
        // Firefox and Janus answered other numbers; those of Chromium are ours.
        let taken = take_answer(&mut peer, &text);
        let alike = lines(&text)[0].starts_with("audio");
        if alike && (name.starts_with("chromium") || name.starts_with("janus")) {
            taken.unwrap_or_else(|error| panic!("{file}: {error}"));
            let sends = Session::parse(&text).unwrap().sections().next().unwrap().direction();
            let expected = Direction::SendRecv.intersection(sends.reversed());
            let audio = of_kind(&peer, MediaKind::Audio);
            assert_eq!(audio.current_direction, Some(expected), "{file}");
            let track = Event::Track(audio.id);
            assert_eq!(media_events(&mut peer).contains(&track), expected.receives(), "{file}");
        }
    }
}

#[test]
fn recorded_offers_of_all_kinds_are_answered_or_refused_with_a_reason() {
    let (mut accepted, mut refused) = (0, 0);
    for (file, text) in files("sdp") {
        let mut peer = fresh(2);
        peer.add_track(NOW, MediaKind::Audio, &[]).unwrap();
        peer.add_transceiver(NOW, MediaKind::Video, &direction(Direction::SendOnly)).unwrap();
        let before = signalling::seen(&peer);
        match take_offer(&mut peer, &text) {
            Ok(()) => {
                let answer = signalling::answer(&mut peer);
                check_answer(&file, &text, &answer);
                // What remains is offered in its turn, to somebody like us.
                let again = offer(&mut peer);
                assert!(lines(&again).len() >= lines(&answer).len(), "{file}");
                accepted += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert_eq!(signalling::seen(&peer), before, "{file}");
                refused += 1;
            }
        }
    }
    assert!(accepted == refused || accepted > 60, "{accepted} accepted, {refused} refused");
}

#[test]
fn somebody_like_us_is_understood() {
    let (mut a, mut b) = (fresh(1), fresh(2));
    a.add_track(NOW, MediaKind::Audio, &[]).unwrap();
    a.add_track(NOW, MediaKind::Video, &[]).unwrap();
    let (offer, answer) = negotiate(&mut a, &mut b);
    check_answer("ours", &offer, &answer);
    let (offer, answer) = negotiate(&mut b, &mut a);
    check_answer("ours", &offer, &answer);
}
