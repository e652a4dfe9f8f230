//! The life of transceivers across negotiations: directions, stop, sections used again, rollback,
//! and when an offer is needed.

#![cfg(test)]

mod call;
mod signalling;

use patchcord_peer::{
    DataChannelInit, Direction, Event, MediaKind, SessionDescription, SignalingState,
    TransceiverError, TransceiverInit,
};
use signalling::{
    NOW, answer, answered, direction, directions, fresh, has, has_not, lines, media_events,
    negotiate, of_kind, offer, sections, seen, streams, take_answer, take_offer, with_media,
};

const NEEDED: [Event; 1] = [Event::NegotiationNeeded];

#[test]
fn a_track_that_waits_takes_the_section_of_an_offer() {
    let (mut a, ..) = with_media(1);
    let mut b = fresh(2);
    // One that add_track made, one that add_transceiver made.
    let waiting = b.add_track(NOW, MediaKind::Video, &streams(&["s"])).unwrap();
    let apart = b.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    assert_eq!(media_events(&mut b), NEEDED);
    let (_, answer) = negotiate(&mut a, &mut b);
    assert_eq!(b.transceiver(waiting).unwrap().mid.as_deref(), Some("1"));
    assert_eq!(b.transceiver(waiting).unwrap().current_direction, Some(Direction::SendRecv));
    has(sections(&answer)[1], &["a=sendrecv\r\n", "a=msid:s ", "a=ssrc-group:FID "]);
    // RFC 9429 §5.10: the other one still waits for an offer of ours.
    assert_eq!(b.transceiver(apart).unwrap().mid, None);
    assert_eq!(b.transceivers().count(), 3);
    let made = b.transceivers().last().unwrap().id;
    let tracks = [Event::Track(made), Event::Track(waiting), Event::NegotiationNeeded];
    assert_eq!(media_events(&mut b), tracks);
    assert_eq!(lines(&offer(&mut b)), ["audio 5000", "video 9", "audio 9"]);
}

#[test]
fn a_track_does_not_wait_for_a_section_that_only_sends() {
    let (mut a, mut b) = (fresh(1), fresh(2));
    a.add_transceiver(NOW, MediaKind::Video, &direction(Direction::SendOnly)).unwrap();
    let waiting = b.add_track(NOW, MediaKind::Video, &[]).unwrap();
    negotiate(&mut a, &mut b);
    assert_eq!(b.transceiver(waiting).unwrap().mid, None);
    assert_eq!(directions(&b), [None, Some(Direction::RecvOnly)]);
}

#[test]
fn a_track_is_added_to_a_transceiver_that_never_sent() {
    let mut a = fresh(1);
    let id = a.add_transceiver(NOW, MediaKind::Audio, &direction(Direction::RecvOnly)).unwrap();
    assert_eq!(a.add_track(NOW, MediaKind::Audio, &streams(&["s"])), Ok(id));
    assert_eq!(a.transceiver(id).unwrap().direction, Direction::SendRecv);
    assert_eq!(a.transceiver(id).unwrap().streams, ["s"]);
    // It has its track now, and keeps it when that is removed (W3C §5.1, addTrack).
    a.remove_track(NOW, id).unwrap();
    assert_eq!(a.transceiver(id).unwrap().direction, Direction::RecvOnly);
    assert_ne!(a.add_track(NOW, MediaKind::Audio, &[]), Ok(id));
    let kinds: Vec<_> = a.transceivers().map(|t| t.kind).collect();
    assert_eq!(kinds, [MediaKind::Audio, MediaKind::Audio]);
}

#[test]
fn an_answerer_adds_its_track_between_offer_and_answer() {
    let (mut a, ..) = with_media(1);
    let mut b = fresh(2);
    let text = offer(&mut a);
    take_offer(&mut b, &text).unwrap();
    let made = of_kind(&b, MediaKind::Audio).id;
    assert_eq!(b.add_track(NOW, MediaKind::Audio, &streams(&["s"])), Ok(made));
    let text = answer(&mut b);
    take_answer(&mut a, &text).unwrap();
    assert_eq!(directions(&a), [Some(Direction::SendRecv), Some(Direction::SendOnly)]);
    assert_eq!(media_events(&mut a).last(), Some(&Event::Track(of_kind(&a, MediaKind::Audio).id)));
    assert_eq!(of_kind(&a, MediaKind::Audio).remote_streams, ["s"]);
    assert!(!media_events(&mut b).contains(&Event::NegotiationNeeded));
}

#[test]
fn directions_change_in_later_negotiations() {
    let (mut a, audio, _) = with_media(1);
    let mut b = fresh(2);
    negotiate(&mut a, &mut b);
    let there = of_kind(&b, MediaKind::Audio).id;
    drop([media_events(&mut a), media_events(&mut b)]);

    // The answerer wants to send, too.
    b.set_direction(NOW, there, Direction::SendRecv).unwrap();
    assert_eq!(media_events(&mut b), NEEDED);
    negotiate(&mut b, &mut a);
    assert_eq!(directions(&a), [Some(Direction::SendRecv), Some(Direction::SendOnly)]);
    assert_eq!(media_events(&mut a), [Event::Track(audio)]);
    assert_eq!(media_events(&mut b), []);

    // The offerer ceases to send.
    let track = b.transceiver(there).unwrap().remote_track.clone();
    assert!(track.is_some());
    a.remove_track(NOW, audio).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    negotiate(&mut a, &mut b);
    assert_eq!(directions(&a)[0], Some(Direction::RecvOnly));
    assert_eq!(directions(&b)[0], Some(Direction::SendOnly));
    assert_eq!(media_events(&mut b), [Event::TrackEnded(there)]);

    assert_eq!(b.transceiver(there).unwrap().remote_track, None);

    // And begins again: the same track.
    a.set_direction(NOW, audio, Direction::SendRecv).unwrap();
    negotiate(&mut a, &mut b);
    assert_eq!(media_events(&mut b), [Event::Track(there)]);
    assert_eq!(b.transceiver(there).unwrap().remote_track, track);
}

#[test]
fn sources_and_sections_stay_the_same_for_ever() {
    let (mut a, audio, _) = with_media(1);
    let mut b = fresh(2);
    a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    let stable = |text: &str| {
        let kept = |line: &&str| {
            let prefixes = ["m=", "a=mid", "a=extmap", "a=rtpmap", "a=ssrc", "a=msid:", "a=fmtp"];
            prefixes.iter().any(|prefix| line.starts_with(prefix)) && !line.contains("-semantic")
        };
        text.lines().filter(kept).map(str::to_owned).collect::<Vec<_>>()
    };
    let (first, _) = negotiate(&mut a, &mut b);
    for _ in 0..3 {
        let (again, _) = negotiate(&mut a, &mut b);
        assert_eq!(stable(&again), stable(&first));
        let (theirs, ours) = negotiate(&mut b, &mut a);
        assert_eq!(lines(&theirs).len(), 3);
        assert_eq!(stable(&ours), stable(&first));
    }
    a.add_transceiver(NOW, MediaKind::Video, &TransceiverInit::default()).unwrap();
    a.set_direction(NOW, audio, Direction::Inactive).unwrap();
    let (more, _) = negotiate(&mut a, &mut b);
    assert_eq!(lines(&more), ["audio 5000", "video 9", "application 9", "video 9"]);
    // RFC 9429 §5.2.2: the track keeps its name though it is not sent, and so does its stream.
    has(sections(&more)[0], &["a=inactive\r\n", "a=msid:- "]);
    let streams = |text: &str| {
        let lines = sections(text)[0].lines().filter(|line| line.starts_with("a=ssrc"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(streams(&more), streams(&first));
    assert!(!streams(&more).is_empty());
}

#[test]
fn a_stopped_transceiver_is_gone_after_the_next_negotiation() {
    let (mut a, audio, video) = with_media(1);
    let mut b = fresh(2);
    negotiate(&mut a, &mut b);
    let there = of_kind(&b, MediaKind::Audio).id;
    drop([media_events(&mut a), media_events(&mut b)]);
    a.stop_transceiver(NOW, audio).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    let stopped = a.transceiver(audio).unwrap();
    assert!(stopped.stopped);
    assert_eq!((stopped.direction, stopped.current_direction), (Direction::Inactive, None));
    let refused = a.set_direction(NOW, audio, Direction::SendRecv);
    assert_eq!(refused, Err(TransceiverError::Stopped));

    let (offer, answer) = negotiate(&mut a, &mut b);
    assert_eq!(lines(&offer), ["audio 0", "video 5000"]);
    has(&offer, &["a=group:BUNDLE 1\r\n"]);
    assert_eq!(lines(&answer), ["audio 0", "video 5000"]);
    assert!(a.transceiver(audio).is_none() && b.transceiver(there).is_none());
    assert_eq!(media_events(&mut b), [Event::TrackEnded(there)]);
    assert_eq!(media_events(&mut a), []);
    assert_eq!(a.set_direction(NOW, audio, Direction::SendRecv), Err(TransceiverError::Unknown));
    assert_eq!(a.stop_transceiver(NOW, video), Ok(()));
}

#[test]
fn a_rejected_section_is_used_again() {
    let (mut a, audio, video) = with_media(1);
    let mut b = fresh(2);
    negotiate(&mut a, &mut b);
    a.stop_transceiver(NOW, audio).unwrap();
    // RFC 9429 §5.2.2: not before both descriptions have it at port 0.
    let early = a.add_transceiver(NOW, MediaKind::Video, &TransceiverInit::default()).unwrap();
    let (text, _) = negotiate(&mut a, &mut b);
    assert_eq!(lines(&text), ["audio 0", "video 5000", "video 9"]);
    let late = a.add_transceiver(NOW, MediaKind::Video, &TransceiverInit::default()).unwrap();
    let (text, answer) = negotiate(&mut a, &mut b);
    assert_eq!(lines(&text), ["video 5000", "video 9", "video 9"]);
    assert_eq!(lines(&answer), ["video 5000", "video 9", "video 9"]);
    has(&text, &["a=group:BUNDLE 3 1 2\r\n"]);
    let mids = [video, early, late].map(|id| a.transceiver(id).unwrap().mid.clone().unwrap());
    assert_eq!(mids, ["1", "2", "3"]);

    // The other side does so, too.
    let there = b.transceivers().next().unwrap();
    assert_eq!((there.mid.as_deref(), there.kind), (Some("1"), MediaKind::Video));
    let id = there.id;
    b.stop_transceiver(NOW, id).unwrap();
    negotiate(&mut b, &mut a);
    assert!(a.transceiver(video).is_none());
    b.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    b.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    let (text, _) = negotiate(&mut b, &mut a);
    assert_eq!(lines(&text), ["video 5000", "audio 9", "video 9", "application 9"]);
    assert_eq!(of_kind(&a, MediaKind::Audio).mid.as_deref(), Some("4"));
}

#[test]
fn a_transceiver_that_was_never_negotiated_leaves_no_trace() {
    let mut a = fresh(1);
    let id = a.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    a.stop_transceiver(NOW, id).unwrap();
    assert_eq!(a.transceivers().count(), 0);
    assert!(lines(&offer(&mut a)).is_empty());
}

#[test]
fn what_is_stopped_while_an_offer_is_outstanding_is_stopped_by_the_next() {
    let (mut a, audio, _) = with_media(1);
    let mut b = fresh(2);
    let text = offer(&mut a);
    a.stop_transceiver(NOW, audio).unwrap();
    let text = answered(&mut b, &text);
    media_events(&mut a);
    take_answer(&mut a, &text).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    assert!(a.transceiver(audio).unwrap().stopped);
    let (text, _) = negotiate(&mut a, &mut b);
    assert_eq!(lines(&text), ["audio 0", "video 5000"]);
    assert!(a.transceiver(audio).is_none());
    assert_eq!(media_events(&mut a), []);
}

#[test]
fn an_answerer_that_stops_rejects() {
    let (mut a, audio, _) = with_media(1);
    let mut b = fresh(2);
    let text = offer(&mut a);
    take_offer(&mut b, &text).unwrap();
    let made = of_kind(&b, MediaKind::Audio).id;
    b.stop_transceiver(NOW, made).unwrap();
    let text = answer(&mut b);
    assert_eq!(lines(&text), ["audio 0", "video 5000"]);
    take_answer(&mut a, &text).unwrap();
    assert!(a.transceiver(audio).is_none() && b.transceiver(made).is_none());
    assert!(!media_events(&mut b).contains(&Event::NegotiationNeeded));
}

#[test]
fn a_rollback_ends_what_the_offer_has_made() {
    let (mut a, ..) = with_media(1);
    let mut b = fresh(2);
    let text = offer(&mut a);
    take_offer(&mut b, &text).unwrap();
    let ids: Vec<_> = b.transceivers().map(|t| t.id).collect();
    b.set_remote_description(NOW, SessionDescription::rollback()).unwrap();
    assert_eq!(b.signaling_state(), SignalingState::Stable);
    assert_eq!(b.transceivers().count(), 0);
    let expected: Vec<Event> = ids
        .iter()
        .map(|id| Event::Track(*id))
        .chain(ids.iter().map(|id| Event::TrackEnded(*id)))
        .collect();
    assert_eq!(media_events(&mut b), expected);

    // What has a track now stays, and wants an offer of its own (RFC 9429 §5.7).
    take_offer(&mut b, &text).unwrap();
    let kept = b.add_track(NOW, MediaKind::Video, &[]).unwrap();
    b.set_remote_description(NOW, SessionDescription::rollback()).unwrap();
    assert_eq!(b.transceivers().map(|t| t.id).collect::<Vec<_>>(), [kept]);
    assert_eq!(b.transceiver(kept).unwrap().mid, None);
    assert_eq!(media_events(&mut b).last(), Some(&Event::NegotiationNeeded));
    has(&offer(&mut b), &["m=video 5000", "a=sendrecv\r\n"]);
}

#[test]
fn a_rollback_restores_what_was_agreed() {
    let (mut a, audio, _) = with_media(1);
    let mut b = fresh(2);
    negotiate(&mut a, &mut b);
    let there = of_kind(&b, MediaKind::Audio).id;
    let (before_a, before_b) = (seen(&a), seen(&b));
    drop([media_events(&mut a), media_events(&mut b)]);

    // An offer of ours that adds and changes, taken back at both ends.
    let added = a.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    a.set_direction(NOW, audio, Direction::Inactive).unwrap();
    let text = offer(&mut a);
    assert_eq!(a.transceiver(added).unwrap().mid.as_deref(), Some("2"));
    take_offer(&mut b, &text).unwrap();
    assert_eq!(media_events(&mut b)[0], Event::TrackEnded(there));
    a.set_local_description(NOW, Some(SessionDescription::rollback())).unwrap();
    b.set_remote_description(NOW, SessionDescription::rollback()).unwrap();
    assert_eq!(seen(&b), before_b);
    assert_eq!(media_events(&mut b).last(), Some(&Event::Track(there)));
    assert_eq!(a.transceiver(added).unwrap().mid, None);
    a.stop_transceiver(NOW, added).unwrap();
    a.set_direction(NOW, audio, Direction::SendRecv).unwrap();
    assert_eq!(seen(&a), before_a);
    negotiate(&mut b, &mut a);
}

#[test]
fn an_offer_that_replaces_another_keeps_what_both_have() {
    let (mut a, ..) = with_media(1);
    let mut b = fresh(2);
    let first = offer(&mut a);
    take_offer(&mut b, &first).unwrap();
    let ids: Vec<_> = b.transceivers().map(|t| t.id).collect();
    media_events(&mut b);
    // Now without pictures, but with more sound.
    a.set_local_description(NOW, Some(SessionDescription::rollback())).unwrap();
    let second = first.replace("m=video", "m=audio").replace("a=mid:1", "a=mid:2");
    let second = second.replace("BUNDLE 0 1", "BUNDLE 0 2").replace("VP8/90000", "PCMU/8000");
    take_offer(&mut b, &second).unwrap();
    let now: Vec<_> = b.transceivers().map(|t| (t.id, t.mid.clone().unwrap())).collect();
    assert_eq!(now[0], (ids[0], "0".to_owned()));
    assert_eq!((now.len(), now[1].1.as_str()), (2, "2"));
    assert_eq!(media_events(&mut b), [Event::TrackEnded(ids[1]), Event::Track(now[1].0)]);
}

#[test]
fn an_offer_is_needed_when_it_would_change_something() {
    let (mut a, audio, video) = with_media(1);
    let mut b = fresh(2);
    negotiate(&mut a, &mut b);
    media_events(&mut a);
    // There and back: told once, and not again until it is needed again.
    a.set_direction(NOW, audio, Direction::RecvOnly).unwrap();
    a.set_direction(NOW, audio, Direction::SendRecv).unwrap();
    a.set_direction(NOW, audio, Direction::SendRecv).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    // The other side's refusal is not a reason: the answer may say less than the offer.
    assert_eq!(a.transceiver(video).unwrap().current_direction, Some(Direction::SendOnly));
    // While an offer is outstanding nothing is told, but after it.
    let text = offer(&mut a);
    a.set_direction(NOW, audio, Direction::RecvOnly).unwrap();
    a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    assert_eq!(media_events(&mut a), []);
    let text = answered(&mut b, &text);
    take_answer(&mut a, &text).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    negotiate(&mut a, &mut b);
    assert_eq!(media_events(&mut a), []);
}

#[test]
fn data_that_was_rejected_is_not_asked_for_again_and_again() {
    let mut a = fresh(1);
    a.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    a.add_transceiver(NOW, MediaKind::Audio, &TransceiverInit::default()).unwrap();
    let text = offer(&mut a);
    // A peer without data.
    let text = answered(&mut fresh(2), &text.replace("UDP/DTLS/SCTP webrtc", "UDP/BFCP webrtc"));
    let text = text.replace("UDP/BFCP webrtc", "UDP/DTLS/SCTP webrtc");
    assert_eq!(lines(&text), ["audio 5000", "application 0"]);
    media_events(&mut a);
    take_answer(&mut a, &text).unwrap();
    assert_eq!(media_events(&mut a), []);
}

#[test]
fn a_description_follows_its_creation_though_things_have_changed() {
    let (mut a, audio, video) = with_media(1);
    let created = a.create_offer(NOW, Default::default()).unwrap();
    a.stop_transceiver(NOW, audio).unwrap();
    a.set_direction(NOW, video, Direction::RecvOnly).unwrap();
    a.set_local_description(NOW, Some(created.clone())).unwrap();
    let text = answered(&mut fresh(2), &created.sdp);
    media_events(&mut a);
    take_answer(&mut a, &text).unwrap();
    assert_eq!(media_events(&mut a), NEEDED);
    assert_eq!(a.transceivers().map(|t| t.id).collect::<Vec<_>>(), [video]);
    let text = offer(&mut a);
    assert_eq!(lines(&text), ["audio 0", "video 5000"]);
    has(&text, &["a=recvonly\r\n"]);
    has_not(&text, &["a=sendrecv"]);
}

#[test]
fn a_closed_connection_refuses() {
    let (mut a, audio, _) = with_media(1);
    a.close(NOW);
    let refused = TransceiverError::Stopped;
    let init = TransceiverInit::default();
    assert_eq!(a.add_transceiver(NOW, MediaKind::Audio, &init), Err(refused.clone()));
    assert_eq!(a.add_track(NOW, MediaKind::Audio, &[]), Err(refused.clone()));
    assert_eq!(a.set_direction(NOW, audio, Direction::Inactive), Err(refused.clone()));
    assert_eq!(a.remove_track(NOW, audio), Err(refused.clone()));
    assert_eq!(a.set_codec_preferences(NOW, audio, &[]), Err(refused.clone()));
    assert_eq!(a.stop_transceiver(NOW, audio), Err(refused));
}
