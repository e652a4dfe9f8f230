use stun::{AttributeType, ErrorCode};

use super::*;
use crate::random::Random;

const SEEN: &str = "203.0.113.5:40000";

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn server() -> SocketAddr {
    at("192.0.2.1:3478")
}

fn ms(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn ask(query: &mut Query, now: Instant) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    query.poll_transmit(now, &mut Random::from_system().unwrap(), &mut out).then_some(out)
}

fn answer(request: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    stun::server::answer(request, at(SEEN), &mut out).unwrap();
    out
}

#[test]
fn asks_three_times_and_gives_up_after_three_seconds_and_a_half() {
    let mut query = Query::new(ms(100), server());
    let mut asked = Vec::new();
    while !query.is_settled() {
        let now = query.poll_timeout();
        asked.extend(ask(&mut query, now).map(|request| (now, request)));
    }
    let times: Vec<_> = asked.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [ms(100), ms(600), ms(1600)]);
    assert!(asked.iter().all(|(_, request)| *request == asked[0].1), "one transaction");
    assert_eq!(query.poll_timeout(), ms(3600 + 20_000));
    // A server that was down is asked again, with another id.
    assert_ne!(ask(&mut query, ms(23_600)).unwrap(), asked[0].1);
    assert_eq!(query.handle_input(ms(23_700), server(), &answer(&asked[0].1)), None);
}

#[test]
fn an_answer_ends_the_question_and_another_one_follows() {
    let mut query = Query::new(ms(0), server());
    let request = ask(&mut query, ms(0)).unwrap();
    assert!(!query.is_settled());
    let response = answer(&request);
    assert_eq!(query.handle_input(ms(30), at("192.0.2.2:3478"), &response), None, "a stranger");
    assert_eq!(query.handle_input(ms(30), server(), &response), Some(Some(at(SEEN))));
    assert!(query.is_settled());
    assert_eq!(query.handle_input(ms(31), server(), &response), None, "once");
    assert_eq!(ask(&mut query, ms(20_029)), None);
    assert!(ask(&mut query, ms(20_030)).is_some());
}

#[test]
fn who_doubts_asks_at_once_but_not_what_was_said_a_moment_ago() {
    let mut query = Query::new(ms(0), server());
    let response = answer(&ask(&mut query, ms(0)).unwrap());
    query.handle_input(ms(30), server(), &response);
    query.doubt(ms(2029));
    assert_eq!((ask(&mut query, ms(2029)), query.poll_timeout()), (None, ms(20_030)));
    query.doubt(ms(2030));
    assert_eq!(query.poll_timeout(), ms(2030));
    let response = answer(&ask(&mut query, ms(2030)).unwrap());
    query.doubt(ms(2031));
    assert_eq!(ask(&mut query, ms(2031)), None, "it is under way");
    query.handle_input(ms(2040), server(), &response);
    assert_eq!(query.poll_timeout(), ms(22_040));
}

#[test]
fn a_refusal_is_an_answer_without_an_address() {
    let mut query = Query::new(ms(0), server());
    let request = ask(&mut query, ms(0)).unwrap();
    let mut refusal = Vec::new();
    let request = Message::parse(&request).unwrap();
    MessageBuilder::error(&mut refusal, &request, ErrorCode::BAD_REQUEST).fingerprint();
    assert_eq!(query.handle_input(ms(1), server(), &refusal), Some(None));
    assert!(query.is_settled());
}

/// What a server says that has another one answer.
fn redirect(request: &[u8], other: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let request = Message::parse(request).unwrap();
    MessageBuilder::error(&mut out, &request, ErrorCode::TRY_ALTERNATE)
        .attribute(&AlternateServer(at(other)))
        .fingerprint();
    out
}

#[test]
fn a_server_that_names_another_one_is_followed_once() {
    let mut query = Query::new(ms(0), server());
    let request = ask(&mut query, ms(0)).unwrap();
    let (other, third) = ("192.0.2.9:3478", "192.0.2.10:3478");
    assert_eq!(query.handle_input(ms(10), server(), &redirect(&request, other)), Some(None));
    assert!(!query.is_settled());
    assert_eq!((query.asked(), query.poll_timeout()), (at(other), ms(10)));
    let request = ask(&mut query, ms(10)).unwrap();
    assert_eq!(query.handle_input(ms(20), server(), &answer(&request)), None, "not its business");
    assert_eq!(query.handle_input(ms(20), at(other), &answer(&request)), Some(Some(at(SEEN))));
    assert!(query.is_settled() && query.is_answered());
    // It is asked again, and cannot point elsewhere.
    let request = ask(&mut query, ms(20_020)).unwrap();
    let further = redirect(&request, third);
    assert_eq!(query.handle_input(ms(20_030), at(other), &further), Some(None));
    assert_eq!((query.asked(), query.poll_timeout()), (at(other), ms(40_030)));
    // When it is gone, the first one is asked.
    for millis in [40_030, 40_530, 41_530] {
        assert!(ask(&mut query, ms(millis)).is_some());
    }
    assert_eq!(ask(&mut query, ms(43_530)), None);
    assert_eq!(query.asked(), server());
}

#[test]
fn nobody_is_sent_where_no_server_can_be() {
    for bad in
        ["192.0.2.1:3478", "0.0.0.0:3478", "224.0.0.1:3478", "192.0.2.9:0", "[2001:db8::1]:1"]
    {
        let mut query = Query::new(ms(0), server());
        let request = ask(&mut query, ms(0)).unwrap();
        assert_eq!(query.handle_input(ms(10), server(), &redirect(&request, bad)), Some(None));
        assert_eq!((query.asked(), query.is_settled()), (server(), true), "{bad}");
    }
}

#[test]
fn the_attribute_of_old_servers_is_read_too() {
    let mut query = Query::new(ms(0), server());
    let request = ask(&mut query, ms(0)).unwrap();
    let (mut old, request) = (Vec::new(), Message::parse(&request).unwrap());
    let builder = MessageBuilder::success(&mut old, &request);
    builder.attribute(&MappedAddress(at(SEEN))).raw(AttributeType(0xfff0), &[1]).fingerprint();
    assert_eq!(query.handle_input(ms(1), server(), &old), Some(Some(at(SEEN))));
}

#[test]
fn what_is_no_answer_changes_nothing() {
    let mut query = Query::new(ms(0), server());
    let request = ask(&mut query, ms(0)).unwrap();
    let response = answer(&request);
    assert_eq!(query.handle_input(ms(1), server(), &request), None, "an echo");
    for len in 0..response.len() {
        assert_eq!(query.handle_input(ms(1), server(), &response[..len]), None);
    }
    assert_eq!(query.handle_input(ms(1), server(), &response), Some(Some(at(SEEN))));
}
