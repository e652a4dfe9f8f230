//! An agent that carries datagrams of others, and is lied to.

use patchcord_ice::{Agent, Checksum, Config, Embedding};
use sansio::Instant;
use stun::attribute::{DtlsInStunAck, DtlsInStunData, XorMappedAddress};
use stun::{Class, ErrorCode, IntegrityKey, Message, MessageBuilder, Method, TransactionId};

use crate::embed::{embed, flight};
use crate::forge::{Check, agent, drain, hand, them, usual_path};
use crate::scene::at;

/// An agent that has taken part from the beginning.
fn taking_part() -> Agent {
    let mut agent = agent(Config::default());
    agent.set_embedding(Embedding::On);
    agent.set_remote_credentials(at(0), them());
    agent
}

/// Hands over a check that carries `data`. The datagrams that are given out then.
fn carried(agent: &mut Agent, now: Instant, data: &[u8], pwd: Option<&str>) -> Vec<Vec<u8>> {
    let check = Check::to(agent);
    let mut out = Vec::new();
    let key = IntegrityKey::short_term(pwd.unwrap_or(&check.pwd));
    let message = check.begin(&mut out).attribute(&DtlsInStunData(data));
    message.integrity(&key).fingerprint();
    let _ = hand(agent, now, usual_path(), &out);
    core::iter::from_fn(|| agent.poll_embedded()).collect()
}

/// How many datagrams the last message acknowledges. `None`: it does not say.
fn acknowledged(agent: &mut Agent, now: Instant) -> Option<usize> {
    let sent = drain(agent, now);
    let (_, last) = sent
        .iter()
        .rfind(|(_, bytes)| Message::parse(bytes).unwrap().class() == Class::SuccessResponse)?;
    let ack = Message::parse(last).unwrap().get::<DtlsInStunAck<'_>>().unwrap();
    ack.map(|ack| ack.checksums().count())
}

#[test]
fn only_authentic_messages_bring_something_in() {
    let mut agent = taking_part();
    assert!(carried(&mut agent, at(0), &[22; 9], Some("guessed")).is_empty());
    // Without integrity: an indication, and what follows the seal.
    let mut out = Vec::new();
    MessageBuilder::indication(&mut out, Method::BINDING, TransactionId::from([1; 12]))
        .attribute(&DtlsInStunData(&[22; 9]))
        .fingerprint();
    hand(&mut agent, at(0), usual_path(), &out).unwrap();
    assert_eq!(agent.poll_embedded(), None);
    assert_eq!(carried(&mut agent, at(0), &[22; 9], None), [vec![22; 9]]);
    // It takes itself back as soon as it was taken, and only then.
    assert_eq!(acknowledged(&mut agent, at(0)), Some(0));
    assert_eq!(carried(&mut agent, at(0), &[22; 9], None), [vec![22; 9]]);
    agent.acknowledge(Checksum::of(&[22; 9]));
    assert_eq!(acknowledged(&mut agent, at(0)), Some(1));
    assert!(carried(&mut agent, at(0), &[22; 9], None).is_empty(), "not twice");
}

#[test]
fn a_side_that_was_not_asked_is_not_answered() {
    let mut agent = agent(Config::default());
    assert!(carried(&mut agent, at(0), &[22; 9], None).is_empty());
    assert_eq!(acknowledged(&mut agent, at(0)), None);
    // Before the answer: what comes is taken, and acknowledged to whoever asks.
    agent.set_embedding(Embedding::Listening);
    assert_eq!(carried(&mut agent, at(0), &[22; 9], None), [vec![22; 9]]);
    agent.acknowledge(Checksum::of(&[22; 9]));
    assert_eq!(acknowledged(&mut agent, at(0)), Some(1));
    let check = Check::to(&agent).write();
    hand(&mut agent, at(0), usual_path(), &check).unwrap();
    assert_eq!(acknowledged(&mut agent, at(0)), None);
}

#[test]
fn too_long_or_too_much_is_left_out_and_the_check_counts() {
    let mut agent = taking_part();
    assert!(carried(&mut agent, at(0), &[22; 1501], None).is_empty());
    assert!(carried(&mut agent, at(0), &[], None).is_empty());
    assert_eq!(agent.counters().embedded_ignored, 1);
    // Nobody takes them out.
    let key = IntegrityKey::short_term(agent.local_credentials().pwd());
    for n in 0..50 {
        let mut out = Vec::new();
        let message = Check::to(&agent).begin(&mut out);
        message.attribute(&DtlsInStunData(&[n; 1500])).integrity(&key).fingerprint();
        hand(&mut agent, at(0), usual_path(), &out).unwrap();
    }
    assert_eq!(core::iter::from_fn(|| agent.poll_embedded()).count(), 8);
    assert_eq!(agent.counters().embedded_ignored, 1 + 50 - 8);
    assert_eq!(agent.counters().requests_received, 52);
}

/// The agent's first check, which carries one of two datagrams; the other one was sent too.
fn asked(agent: &mut Agent) -> Vec<u8> {
    embed(agent, &flight(1, 2));
    let check = Check::to(agent);
    let mut out = Vec::new();
    let message = check.begin(&mut out).attribute(&DtlsInStunAck::new(&[]));
    message.integrity(&IntegrityKey::short_term(&check.pwd)).fingerprint();
    hand(agent, at(0), usual_path(), &out).unwrap();
    let sent = drain(agent, at(0));
    let is_check = |bytes: &[u8]| Message::parse(bytes).unwrap().class() == Class::Request;
    sent.into_iter().map(|(_, bytes)| bytes).find(|bytes| is_check(bytes)).unwrap()
}

fn answer(request: &[u8], ack: Option<&[u8]>) -> Vec<u8> {
    let request = Message::parse(request).unwrap();
    let mut out = Vec::new();
    let mut message = MessageBuilder::success(&mut out, &request)
        .attribute(&XorMappedAddress(usual_path().local));
    if let Some(ack) = ack {
        message = message.raw(stun::AttributeType::DTLS_IN_STUN_ACK, ack);
    }
    message.integrity(&IntegrityKey::short_term(them().pwd())).fingerprint();
    out
}

#[test]
fn acknowledgements_of_what_was_never_sent_change_nothing() {
    let mut agent = agent(Config::default());
    agent.set_embedding(Embedding::On);
    let mut heard = Vec::new();
    let check = Check::to(&agent);
    // A thousand wrong checksums, and then a right one, which nobody looks at any more.
    let mut lies: Vec<u8> = (0..4000).map(|n| n as u8).collect();
    lies.extend(crc32fast::hash(&flight(1, 1)[0]).to_be_bytes());
    check
        .begin(&mut heard)
        .raw(stun::AttributeType::DTLS_IN_STUN_ACK, &lies)
        .integrity(&IntegrityKey::short_term(&check.pwd))
        .fingerprint();
    agent.set_remote_credentials(at(0), them());
    embed(&mut agent, &flight(1, 2));
    hand(&mut agent, at(0), usual_path(), &heard).unwrap();
    let sent = drain(&mut agent, at(0));
    let data = |bytes: &[u8]| {
        let message = Message::parse(bytes).unwrap();
        message.get::<DtlsInStunData<'_>>().unwrap().map(|data| data.0[0])
    };
    let carried: Vec<_> = sent.iter().map(|(_, bytes)| data(bytes)).collect();
    assert_eq!(carried, [Some(1), Some(2)], "the response, the triggered check");
    // One of a wrong length says only that the other side takes part.
    let request = sent.last().unwrap().1.clone();
    hand(&mut agent, at(9), usual_path(), &answer(&request, Some(&[1, 2, 3]))).unwrap();
    assert!(agent.is_embedding() && agent.embedding() == Embedding::On);
}

#[test]
fn an_answer_that_acknowledges_anything_has_got_what_it_answers() {
    let mut agent = taking_part();
    let request = asked(&mut agent);
    let message = Message::parse(&request).unwrap();
    let carried = message.get::<DtlsInStunData<'_>>().unwrap().unwrap().0.to_vec();
    hand(&mut agent, at(100), usual_path(), &answer(&request, Some(&[]))).unwrap();
    assert!(agent.is_embedding(), "the other one is out");
    let other = flight(1, 2).into_iter().find(|datagram| *datagram != carried).unwrap();
    let check = Check::to(&agent);
    let mut out = Vec::new();
    check
        .begin(&mut out)
        .attribute(&DtlsInStunAck::new(&[crc32fast::hash(&other).to_be_bytes()]))
        .integrity(&IntegrityKey::short_term(&check.pwd))
        .fingerprint();
    hand(&mut agent, at(100), usual_path(), &out).unwrap();
    assert!(!agent.is_embedding());
}

#[test]
fn an_answer_that_does_not_take_part_is_a_refusal() {
    let mut agent = agent(Config::default());
    agent.set_embedding(Embedding::On);
    agent.set_remote_credentials(at(0), them());
    embed(&mut agent, &flight(1, 2));
    let check = Check::to(&agent);
    let mut refused = Vec::new();
    // A message that is refused does not count.
    let id = TransactionId::from([3; 12]);
    MessageBuilder::request(&mut refused, Method::BINDING, id)
        .attribute(&stun::attribute::Username::new(&check.username).unwrap())
        .integrity(&IntegrityKey::short_term(&check.pwd))
        .fingerprint();
    hand(&mut agent, at(0), usual_path(), &refused).unwrap();
    assert_eq!(agent.embedding(), Embedding::On);
    let (_, response) = drain(&mut agent, at(0)).remove(0);
    let response = Message::parse(&response).unwrap();
    assert_eq!(response.get::<ErrorCode<'_>>().unwrap().map(|error| error.code()), Some(400));
    assert_eq!(response.get::<DtlsInStunData<'_>>().unwrap(), None);
    hand(&mut agent, at(0), usual_path(), &check.write()).unwrap();
    assert_eq!(agent.embedding(), Embedding::Off);
    let sent = drain(&mut agent, at(0));
    for (_, bytes) in &sent {
        let message = Message::parse(bytes).unwrap();
        assert_eq!(message.get::<DtlsInStunData<'_>>().unwrap(), None);
        assert_eq!(message.get::<DtlsInStunAck<'_>>().unwrap(), None);
    }
}
