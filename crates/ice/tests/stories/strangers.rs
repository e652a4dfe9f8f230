//! Datagrams from strangers change nothing but counters.

use patchcord_ice::{Agent, Candidate, Config, Discard, State};
use sansio::{Datagram, Instant, Machine};
use stun::attribute::{ErrorCode, Priority, UnknownAttributes};
use stun::{AttributeType, Class, IntegrityKey, Message, MessageBuilder, Method, TransactionId};

use crate::forge::{Check, agent, answer, count, drain, hand, path, them, usual_path};
use crate::scene::{A, B, at, connected_scene, ms};

/// All that a datagram could have changed.
fn snapshot(agent: &Agent) -> String {
    let pairs: Vec<_> = agent.candidate_pairs().collect();
    let remotes: Vec<&Candidate> = agent.remote_candidates().collect();
    format!(
        "{:?} {:?} {:?} {pairs:?} {remotes:?} {:?} {:?}",
        agent.state(),
        agent.role(),
        agent.route(),
        agent.rtt(),
        agent.poll_timeout()
    )
}

/// Hands over a datagram and asserts that it was discarded for this reason, without a trace.
fn assert_discarded(
    agent: &mut Agent,
    now: Instant,
    path: sansio::Path,
    bytes: &[u8],
    reason: &str,
) {
    let before = snapshot(agent);
    let discard = hand(agent, now, path, bytes).unwrap_err();
    assert_eq!(format!("{discard:?}").split('(').next(), Some(reason));
    assert_eq!(snapshot(agent), before, "{reason}");
    assert_eq!(drain(agent, now), [], "{reason}");
    assert_eq!(agent.poll_event(), None, "{reason}");
}

fn message(build: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    build(&mut out);
    out
}

#[test]
fn requests_that_are_not_authentic_are_not_even_answered() {
    let mut pair = connected_scene(1);
    let now = pair.now;
    let agent = &mut pair.a.agent;
    let good = Check::to(agent);
    let key = IntegrityKey::short_term(&good.pwd);
    let id = TransactionId::from([9; 12]);
    let table = [
        (Check { username: "nobody:them".into(), ..good.clone() }.write(), "UnknownUser"),
        (Check { username: "nocolon".into(), ..good.clone() }.write(), "UnknownUser"),
        (Check { pwd: them().pwd().into(), ..good.clone() }.write(), "Integrity"),
        (message(|out| _ = good.begin(out)), "Integrity"),
        (message(|out| _ = good.begin(out).integrity(&key)), "Integrity"),
        (message(|out| good.begin(out).fingerprint()), "Integrity"),
        (
            message(|out| {
                let nameless =
                    MessageBuilder::request(out, Method::BINDING, id).attribute(&Priority(1));
                nameless.integrity(&key).fingerprint();
            }),
            "Incomplete",
        ),
        (message(|out| MessageBuilder::request(out, Method::ALLOCATE, id).fingerprint()), "Method"),
        (b"\x00\x01\x00\x00 is no STUN".to_vec(), "Parse"),
    ];
    for stranger in [path(A, "203.0.113.66:666"), usual_path()] {
        for (bytes, reason) in &table {
            assert_discarded(agent, now, stranger, bytes, reason);
        }
    }
    assert_discarded(agent, now, path("192.0.2.77:1", B), &good.write(), "UnknownLocalAddress");
    let discarded = agent.counters().discarded;
    assert_eq!((discarded.unknown_user, discarded.integrity, discarded.malformed), (4, 8, 6));
    assert_eq!(discarded.unknown_local_address, 1);
}

#[test]
fn responses_count_only_with_the_right_id_path_and_password() {
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    let check = Check::to(&agent).write();
    hand(&mut agent, at(0), usual_path(), &check).unwrap();
    let sent = drain(&mut agent, at(0));
    assert_eq!((count(&sent, Class::SuccessResponse), count(&sent, Class::Request)), (1, 1));
    let request = Message::parse(&sent[1].1).unwrap();
    while agent.poll_event().is_some() {}

    let good = answer(usual_path(), &sent[1].1);
    let mut damaged = good.clone();
    damaged[8] ^= 1;
    let unsealed = message(|out| MessageBuilder::success(out, &request).fingerprint());
    let our_key = IntegrityKey::short_term(agent.local_credentials().pwd());
    let other_password = message(|out| {
        let refusal = MessageBuilder::error(out, &request, ErrorCode::BAD_REQUEST);
        refusal.integrity(&our_key).fingerprint();
    });
    let id = TransactionId::from([0xee; 12]);
    let unasked = message(|out| {
        MessageBuilder::new(out, Class::SuccessResponse, Method::BINDING, id).fingerprint();
    });
    let stranger = path(A, "203.0.113.66:666");
    for (path, bytes, reason) in [
        (usual_path(), &damaged, "Integrity"),
        (usual_path(), &unsealed, "Integrity"),
        (usual_path(), &other_password, "Integrity"),
        (usual_path(), &unasked, "UnknownTransaction"),
        (stranger, &good, "AsymmetricResponse"),
    ] {
        assert_discarded(&mut agent, at(10), path, bytes, reason);
    }

    hand(&mut agent, at(20), usual_path(), &good).unwrap();
    assert_eq!((agent.state(), agent.rtt()), (State::Connected, Some(ms(20))));
    while agent.poll_event().is_some() {}
    assert_discarded(&mut agent, at(20), usual_path(), &good, "UnknownTransaction");
}

#[test]
fn application_data_is_taken_from_validated_paths_only() {
    let mut agent = agent(Config::default());
    let offer = |agent: &mut Agent, path, byte| {
        let mut data = [byte, 1, 2, 3];
        agent.unwrap(at(5), Datagram::new(path, at(5), &mut data)).map(|some| some.is_some())
    };
    let (known, stranger) = (usual_path(), path(A, "203.0.113.66:666"));
    agent.set_remote_credentials(at(0), them());
    assert_eq!(offer(&mut agent, known, 22), Err(Discard::UnknownPath(known)));
    assert_eq!(offer(&mut agent, known, 1), Ok(true), "STUN passes");

    // An authentic request validates its path in this direction, before ours is answered.
    let check = Check::to(&agent).write();
    hand(&mut agent, at(0), known, &check).unwrap();
    assert_eq!(offer(&mut agent, known, 22), Ok(true));
    assert_eq!(offer(&mut agent, stranger, 22), Err(Discard::UnknownPath(stranger)));
    assert_eq!(agent.route(), None, "but nothing is sent there yet");
    assert_eq!(agent.counters().discarded.unknown_path, 2);

    agent.close(at(5));
    assert_eq!(offer(&mut agent, known, 22), Err(Discard::Closed));
    assert_eq!(hand(&mut agent, at(5), known, &[]), Err(Discard::Closed));
}

#[test]
fn authentic_requests_with_faults_are_refused_with_the_reason() {
    let mut agent = agent(Config::default());
    let good = Check::to(&agent);
    let key = IntegrityKey::short_term(&good.pwd);
    let mut strange = vec![];
    good.begin(&mut strange)
        .raw(AttributeType(0x7a7a), &[1])
        .raw(AttributeType(0xfafa), &[2])
        .raw(AttributeType(0x7b7b), &[])
        .integrity(&key)
        .fingerprint();
    let nameless = Check { priority: None, ..good }.write();
    for (request, code, unknown) in [
        (&strange, 420, vec![AttributeType(0x7a7a), AttributeType(0x7b7b)]),
        (&nameless, 400, vec![]),
    ] {
        hand(&mut agent, at(0), usual_path(), request).unwrap();
        let sent = drain(&mut agent, at(0));
        assert_eq!(sent.len(), 1);
        let response = Message::parse(&sent[0].1).unwrap();
        response.check_integrity(&key).unwrap();
        assert_eq!(response.get::<ErrorCode<'_>>().unwrap().unwrap().code(), code);
        let listed = response.get::<UnknownAttributes<'_>>().unwrap();
        let listed: Vec<_> = listed.iter().flat_map(UnknownAttributes::types).collect();
        assert_eq!(listed, unknown);
    }
    assert_eq!(agent.remote_candidates().count(), 0);
}

#[test]
fn answers_are_no_larger_than_their_questions() {
    let mut agent = agent(Config::default());
    for nominates in [false, true] {
        let request = Check { nominates, ..Check::to(&agent) }.write();
        hand(&mut agent, at(0), usual_path(), &request).unwrap();
        let sent = drain(&mut agent, at(0));
        assert_eq!(sent.len(), 1);
        assert!(sent[0].1.len() <= request.len());
    }
}

#[test]
fn who_has_heard_a_check_can_repeat_it_and_moves_nothing() {
    // From a hundred addresses: each gets an answer and a check, none of them larger.
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    let check = Check { nominates: true, ..Check::to(&agent) }.write();
    hand(&mut agent, at(0), usual_path(), &check).unwrap();
    for (path, bytes) in drain(&mut agent, at(0)) {
        let _ = hand(&mut agent, at(1), path, &answer(path, &bytes));
    }
    let selected = |agent: &Agent| agent.selected_pair().map(|pair| pair.path);
    assert_eq!(selected(&agent), Some(usual_path()));
    for n in 0..100 {
        let from = path(A, &format!("203.0.113.{n}:666"));
        hand(&mut agent, at(2), from, &check).unwrap();
        let sent = drain(&mut agent, at(2));
        assert_eq!((count(&sent, Class::SuccessResponse), count(&sent, Class::Request)), (1, 1));
        for (path, bytes) in sent {
            assert_eq!(path, from);
            assert!(bytes.len() <= check.len(), "{} for {}", bytes.len(), check.len());
        }
    }
    assert_eq!(selected(&agent), Some(usual_path()));
    assert_eq!(agent.route().map(|route| route.path), Some(usual_path()));
    assert!(agent.candidate_pairs().count() <= 1 + Config::default().max_peer_reflexive);
    // What is left asks for a while, and is given up.
    let mut asked = 0;
    for millis in (0..100_000).step_by(100) {
        asked += drain(&mut agent, at(2 + millis)).len();
    }
    assert!(asked <= 33 * 7 + 40, "{asked}");
}

#[test]
fn refusals_are_no_larger_than_their_questions() {
    let mut agent = agent(Config::default());
    agent.set_role(at(0), patchcord_ice::Role::Controlling);
    agent.set_remote_credentials(at(0), them());
    let good = Check::to(&agent);
    let conflict = Check { tie_breaker: 0, ..good.clone() }.write();
    let nameless = Check { priority: None, ..good.clone() }.write();
    let key = IntegrityKey::short_term(&good.pwd);
    let strange = message(|out| {
        let mut strange = good.begin(out);
        for kind in 0..20 {
            strange = strange.raw(AttributeType(0x7a00 + kind), &[]);
        }
        strange.integrity(&key).fingerprint();
    });
    for request in [conflict, nameless, strange] {
        hand(&mut agent, at(0), usual_path(), &request).unwrap();
        let sent = drain(&mut agent, at(0));
        assert_eq!((sent.len(), count(&sent, Class::ErrorResponse)), (1, 1));
        assert!(sent[0].1.len() <= request.len());
    }
}

#[test]
fn what_we_said_is_not_taken_from_a_mirror() {
    let mut pair = connected_scene(1);
    let said: Vec<_> = pair.trace.entries().map(|entry| entry.data.to_vec()).collect();
    assert!(said.len() >= 6);
    let now = pair.now;
    for bytes in said {
        for (agent, own) in [(&mut pair.a.agent, A), (&mut pair.b.agent, B)] {
            let before = snapshot(agent);
            let other = if own == A { B } else { A };
            for from in [own, other] {
                let message = Message::parse(&bytes).unwrap();
                let ours = message.get::<stun::attribute::Username<'_>>().unwrap();
                let ufrag = agent.local_credentials().ufrag();
                let is_theirs = ours.is_some_and(|name| name.as_str().starts_with(ufrag));
                // What the other side once asked, word for word, is answered again; and no more.
                if hand(agent, now, path(own, from), &bytes).is_ok() {
                    assert!(is_theirs, "{message:?}");
                }
                for (_, sent) in drain(agent, now) {
                    assert!(is_theirs && sent.len() <= bytes.len());
                }
            }
            let route = agent.route().unwrap().path;
            assert!(before.contains(&format!("{route:?}")));
        }
    }
    assert!(crate::scene::agree(&pair));
}

#[test]
fn packets_of_others_change_nothing() {
    // Those of the corpus: browsers, other stacks, fuzzers.
    let Some(root) = std::env::var_os("PATCHCORD_CORPUS") else { return };
    let mut pair = connected_scene(1);
    let (now, mut folders, mut seen) =
        (pair.now, vec![std::path::PathBuf::from(root).join("stun")], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let bytes = std::fs::read(&entry).unwrap();
            for (agent, own, other) in [(&mut pair.a.agent, A, B), (&mut pair.b.agent, B, A)] {
                let before = snapshot(agent);
                for from in [other, "203.0.113.66:666"] {
                    let _ = hand(agent, now, path(own, from), &bytes);
                }
                assert_eq!(snapshot(agent), before, "{}", entry.display());
                assert_eq!(drain(agent, now), [], "{}", entry.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}
