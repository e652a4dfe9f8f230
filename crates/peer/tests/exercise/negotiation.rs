//! Two connections that negotiate as bytes tell them to, with descriptions damaged on their way:
//! what both agree on stays the same at both ends, and what is refused changes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use peer::{
    Certificate, Config, DataChannelInit, Direction, Event, MediaKind, OfferOptions,
    PeerConnection, SessionDescription, SignalingState, TransceiverId, TransceiverInit,
};
use sansio::{Instant, Machine};

const NOW: Instant = Instant::ZERO;
const DIRECTIONS: [Direction; 4] =
    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
/// Enough to meet one another; more take time.
const MAX_TRANSCEIVERS: usize = 8;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(Arc::new(Certificate::generate().expect("a certificate"))));

struct Parties {
    peers: [PeerConnection; 2],
    /// No damaged description was accepted so far: both ends must agree.
    honest: bool,
}

/// Three bytes are a step: what, and two numbers for it.
pub(crate) fn exercise(bytes: &[u8]) {
    let peers = [1_u8, 2].map(|n| {
        let rng = Box::new(testkit::SeededRng::new(n.into()));
        let mut peer = PeerConnection::new(CONFIG.clone(), rng);
        peer.add_local_candidate(NOW, ([10, 0, 0, n], 5000).into());
        peer.end_of_local_candidates(NOW);
        peer
    });
    let mut parties = Parties { peers, honest: true };
    for step in bytes.chunks_exact(3).take(40) {
        parties.step(step[0], step[1], step[2]);
    }
}

impl Parties {
    fn step(&mut self, what: u8, x: u8, y: u8) {
        let from = usize::from(what >> 7);
        let peer = &mut self.peers[from];
        let kind = if x.is_multiple_of(2) { MediaKind::Audio } else { MediaKind::Video };
        let direction = DIRECTIONS[usize::from(y % 4)];
        let room = peer.transceivers().count() < MAX_TRANSCEIVERS;
        let chosen = chosen(peer, x);
        match what % 12 {
            0 if room => {
                let streams = vec![format!("s{}", y % 3)];
                let init = TransceiverInit { direction, streams };
                peer.add_transceiver(NOW, kind, &init).expect("it is open");
            }
            1 if room => {
                peer.add_track(NOW, kind, &[format!("s{}", y % 3)]).expect("it is open");
            }
            2 => {
                let _ = chosen.map(|id| peer.remove_track(NOW, id));
            }
            3 => {
                let _ = chosen.map(|id| peer.set_direction(NOW, id, direction));
            }
            4 => {
                let _ = chosen.map(|id| peer.stop_transceiver(NOW, id));
            }
            5 => {
                if let Some(id) = chosen {
                    let (kind, stopped) =
                        peer.transceiver(id).map(|t| (t.kind, t.stopped)).expect("chosen");
                    let codecs = CONFIG.codecs.iter().filter(|codec| codec.kind == kind);
                    let some = codecs.enumerate().filter(|(i, _)| i.is_multiple_of(2) == (y > 99));
                    let some: Vec<_> = some.map(|(_, codec)| codec.clone()).collect();
                    assert_eq!(peer.set_codec_preferences(NOW, id, &some).is_err(), stopped);
                }
            }
            6 => {
                peer.create_data_channel(NOW, "d", &DataChannelInit::default()).expect("room");
            }
            7 => self.roll_back(from),
            8 => self.damaged_offer(from, x, y),
            9 => self.damaged_answer(from, x, y),
            _ => self.negotiate(from, y > 200),
        }
        for peer in &self.peers {
            assert_eq!(peer.signaling_state(), SignalingState::Stable);
        }
    }

    fn pair(&mut self, from: usize) -> (&mut PeerConnection, &mut PeerConnection) {
        let [a, b] = &mut self.peers;
        if from == 0 { (a, b) } else { (b, a) }
    }

    fn negotiate(&mut self, from: usize, ice_restart: bool) {
        let honest = self.honest;
        let (a, b) = self.pair(from);
        let offer = a.create_offer(NOW, OfferOptions { ice_restart }).expect("stable");
        a.set_local_description(NOW, Some(offer.clone())).expect("just created");
        let taken = b.set_remote_description(NOW, offer.clone());
        if !honest && taken.is_err() {
            // They have lost one another: their sections are not the same any more.
            return self.give_up(from);
        }
        taken.expect("an offer of ours");
        b.set_local_description(NOW, None).expect("an answer");
        let answer = b.local_description().expect("just set");
        drain(a);
        let taken = a.set_remote_description(NOW, answer);
        if !honest && taken.is_err() {
            return self.give_up(from);
        }
        taken.expect("an answer of ours");
        if honest {
            let again = drain(a).contains(&Event::NegotiationNeeded);
            assert!(!again, "all that was wanted was offered");
            check_numbers(&offer.sdp);
            check_agreement(a, b);
            check_agreement(b, a);
        }
    }

    /// An offer that is taken back at both ends leaves what was agreed.
    fn roll_back(&mut self, from: usize) {
        let (a, b) = self.pair(from);
        let agreed = |peer: &PeerConnection| {
            let facts = peer.transceivers().map(|t| (t.id, t.current_direction, t.codecs.clone()));
            format!("{:?}", facts.collect::<Vec<_>>())
        };
        let before = (agreed(a), agreed(b));
        a.set_local_description(NOW, None).expect("stable");
        let offer = a.local_description().expect("just set");
        let _ = b.set_remote_description(NOW, offer);
        if b.signaling_state() != SignalingState::Stable {
            let _ = b.create_answer(NOW).expect("an answer");
            b.set_remote_description(NOW, SessionDescription::rollback()).expect("an offer");
        }
        a.set_local_description(NOW, SessionDescription::rollback().into()).expect("an offer");
        assert_same(&agreed(a), &before.0);
        assert_same(&agreed(b), &before.1);
    }

    fn damaged_offer(&mut self, from: usize, x: u8, y: u8) {
        let (a, b) = self.pair(from);
        let offer = a.create_offer(NOW, OfferOptions::default()).expect("stable");
        let damaged = SessionDescription::offer(damage(&offer.sdp, x, y));
        let before = seen(b);
        if b.set_remote_description(NOW, damaged).is_err() {
            assert_same(&seen(b), &before);
            return;
        }
        let _ = b.create_answer(NOW).expect("an answer to what was taken");
        b.set_local_description(NOW, Some(SessionDescription::rollback())).expect("an offer");
        assert_same(&seen(b), &before);
    }

    fn damaged_answer(&mut self, from: usize, x: u8, y: u8) {
        let (a, b) = self.pair(from);
        a.set_local_description(NOW, None).expect("stable");
        let offer = a.local_description().expect("just set");
        if b.set_remote_description(NOW, offer).is_err() {
            return self.give_up(from);
        }
        b.set_local_description(NOW, None).expect("an answer");
        let answer = b.local_description().expect("just set");
        let damaged = damage(&answer.sdp, x, y);
        let before = seen(a);
        let damaged_is_taken =
            a.set_remote_description(NOW, SessionDescription::answer(damaged)).is_ok();
        if !damaged_is_taken {
            assert_same(&seen(a), &before);
            if a.set_remote_description(NOW, answer).is_err() {
                assert!(!self.honest);
                self.give_up(from);
            }
        }
        self.honest &= !damaged_is_taken;
    }

    fn give_up(&mut self, from: usize) {
        let (a, _) = self.pair(from);
        a.set_local_description(NOW, Some(SessionDescription::rollback())).expect("an offer");
    }
}

fn chosen(peer: &PeerConnection, x: u8) -> Option<TransceiverId> {
    let count = peer.transceivers().count();
    peer.transceivers().nth(usize::from(x).checked_rem(count)?).map(|t| t.id)
}

fn drain(peer: &mut PeerConnection) -> Vec<Event> {
    core::iter::from_fn(|| peer.poll_event()).collect()
}

/// All that an application can see. Ids of transceivers that came and went do not count.
fn seen(peer: &PeerConnection) -> String {
    let transceivers: Vec<_> = peer.transceivers().collect();
    let (local, remote) = (peer.local_description(), peer.remote_description());
    format!("{:?} {local:?} {remote:?} {transceivers:?}", peer.signaling_state())
}

/// Fails with the place where two texts part.
fn assert_same(now: &str, before: &str) {
    let same = now.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
    let rest = |text: &str| {
        let bytes = text.as_bytes();
        let window = &bytes[same.saturating_sub(200)..bytes.len().min(same + 200)];
        String::from_utf8_lossy(window).into_owned()
    };
    assert!(now == before, "now: …{}…\nbefore: …{}…", rest(now), rest(before));
}

/// A line is left out, written twice, exchanged with another, or has a wrong letter.
fn damage(text: &str, x: u8, y: u8) -> String {
    let mut lines: Vec<String> = text.split_inclusive("\r\n").map(str::to_owned).collect();
    let at = (usize::from(x) * 7 + usize::from(y / 4)) % lines.len();
    match y % 4 {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = (at + 1 + usize::from(x % 16)) % lines.len();
            lines.swap(at, other);
        }
        _ => {
            let line = lines[at].clone().into_bytes();
            let place = usize::from(x) % line.len().saturating_sub(2).max(1);
            let wrong = |(i, byte): (usize, u8)| if i == place { byte ^ 1 } else { byte };
            let line: Vec<u8> = line.into_iter().enumerate().map(wrong).collect();
            lines[at] = String::from_utf8_lossy(&line).into_owned();
        }
    }
    lines.concat()
}

/// RFC 9143 §9.1, RFC 8285 §6: a number means the same in all sections.
fn check_numbers(text: &str) {
    let mut meanings: BTreeMap<String, String> = BTreeMap::new();
    for line in text.lines() {
        let name = ["a=rtpmap:", "a=extmap:"].into_iter().find(|name| line.starts_with(name));
        let Some((name, value)) = name.and_then(|name| Some((name, line.strip_prefix(name)?)))
        else {
            continue;
        };
        let (number, meaning) = value.split_once(' ').expect("a number and its meaning");
        let number = number.split('/').next().expect("the first part");
        let known = meanings.entry(format!("{name}{number}")).or_insert(meaning.to_owned());
        assert_eq!(known, meaning, "{number} in\n{text}");
    }
}

/// What one side takes for agreed, the other one does, too.
fn check_agreement(a: &PeerConnection, b: &PeerConnection) {
    for here in a.transceivers().filter(|t| t.current_direction.is_some()) {
        let there = b.transceivers().find(|t| t.mid == here.mid).expect("its other end");
        assert_eq!(here.kind, there.kind);
        assert_eq!(here.current_direction, there.current_direction.map(Direction::reversed));
        let numbers = |codec: &peer::Codec| (codec.payload_type, codec.rtx, codec.feedback);
        assert!(here.codecs.iter().map(numbers).eq(there.codecs.iter().map(numbers)));
    }
}
