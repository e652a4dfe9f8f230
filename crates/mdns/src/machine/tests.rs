use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path};
use testkit::SeededRng;

use super::*;
use crate::message::{Kind, Message, Record};
use crate::writer::Writer;
use crate::{Config, Name};

const HERE: &str = "192.0.2.1:5353";
const THERE: &str = "192.0.2.2:5353";

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn machine(config: Config, links: &[&str]) -> Mdns {
    let mut machine = Mdns::new(config);
    let links: Vec<SocketAddr> = links.iter().map(|link| address(link)).collect();
    machine.set_links(Instant::ZERO, &links);
    machine
}

fn stranger() -> Name {
    "9b36eaac-bb2e-49bb-bb78-21c41c499900.local".parse().unwrap()
}

/// Offers a name for 192.0.2.1.
fn offer(machine: &mut Mdns, now: Instant) -> Name {
    let name = Name::random(&mut SeededRng::new(now.as_nanos()));
    machine.offer(now, name, ip("192.0.2.1")).unwrap();
    name
}

/// All datagrams that are due.
fn pull(machine: &mut Mdns, now: Instant) -> Vec<(Path, Message)> {
    machine.handle_timeout(now);
    let mut pulled = Vec::new();
    loop {
        let mut buf = Vec::new();
        let Some(transmit) = machine.poll_transmit(now, &mut buf) else { break };
        assert_eq!(transmit.len, buf.len());
        pulled.push((transmit.path, Message::parse(&buf).unwrap()));
    }
    assert!(machine.poll_timeout().is_none_or(|timeout| timeout > now), "a shell would spin");
    pulled
}

fn hand(machine: &mut Mdns, now: Instant, from: &str, mut bytes: Vec<u8>) -> Result<(), Discard> {
    let path = Path::udp(address(HERE), address(from));
    machine.handle_input(now, Datagram::new(path, now, &mut bytes))
}

/// Somebody answers for `name`.
fn answer(name: Name, address: &str, ttl: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::response(&mut bytes, 0).address(name, ip(address), ttl);
    bytes
}

fn question(name: Name, unicast: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::query(&mut bytes).question(name, Kind::A, unicast).question(name, Kind::Aaaa, unicast);
    bytes
}

#[test]
fn asks_once_for_unicast_and_four_times_for_multicast_and_gives_up() {
    let mut machine = machine(Config::default(), &[HERE]);
    machine.resolve(at(0), stranger()).unwrap();
    machine.resolve(at(0), stranger()).unwrap();
    let (mut times, mut now) = (Vec::new(), at(0));
    loop {
        for (path, message) in pull(&mut machine, now) {
            assert_eq!(path, Path::udp(address(HERE), address("224.0.0.251:5353")));
            let [a, aaaa] = message.questions[..] else { panic!("{message:?}") };
            assert_eq!((a.kind, aaaa.kind), (Kind::A, Kind::Aaaa));
            assert_eq!((a.name, a.unicast), (stranger(), aaaa.unicast));
            times.push((now, a.unicast));
        }
        let Some(next) = machine.poll_timeout() else { break };
        assert_eq!(machine.poll_event(), None);
        now = next;
    }
    let multicast = [250, 1250, 3250, 7250].map(|time| (at(time), false));
    let expected: Vec<_> = [(at(0), true)].into_iter().chain(multicast).collect();
    assert_eq!(times, expected);
    assert_eq!(now, at(15_250));
    assert_eq!(machine.poll_event(), Some(Event::Resolved(stranger(), vec![])));
    assert_eq!((machine.poll_event(), machine.is_idle()), (None, true));
}

#[test]
fn where_the_port_is_shared_all_questions_are_for_multicast() {
    let config = Config { unicast_first: false, ..Config::default() };
    let mut machine = machine(config, &[HERE]);
    machine.resolve(at(0), stranger()).unwrap();
    assert!(!pull(&mut machine, at(0))[0].1.questions[0].unicast);
}

#[test]
fn an_answer_ends_the_questions_and_is_remembered_for_its_time() {
    let mut machine = machine(Config::default(), &[HERE]);
    machine.resolve(at(0), stranger()).unwrap();
    pull(&mut machine, at(0));
    hand(&mut machine, at(5), THERE, answer(stranger(), "192.0.2.2", 10)).unwrap();
    let resolved = Event::Resolved(stranger(), vec![ip("192.0.2.2")]);
    assert_eq!(machine.poll_event(), Some(resolved.clone()));
    assert_eq!((machine.poll_timeout(), machine.is_idle()), (None, true));
    machine.resolve(at(10_004), stranger()).unwrap();
    assert_eq!(machine.poll_event(), Some(resolved));
    assert_eq!(pull(&mut machine, at(10_004)).len(), 0);
    machine.resolve(at(10_005), stranger()).unwrap();
    assert_eq!((machine.poll_event(), pull(&mut machine, at(10_005)).len()), (None, 1));
}

#[test]
fn what_was_announced_before_it_was_asked_for_is_known() {
    let mut machine = machine(Config::default(), &[HERE]);
    hand(&mut machine, at(0), THERE, answer(stranger(), "192.0.2.2", u32::MAX)).unwrap();
    machine.resolve(at(119_999), stranger()).unwrap();
    assert_eq!(machine.poll_event(), Some(Event::Resolved(stranger(), vec![ip("192.0.2.2")])));
    // Nothing is believed for longer than two minutes, and a farewell ends it before.
    machine.resolve(at(120_000), stranger()).unwrap();
    assert_eq!(machine.poll_event(), None);
    hand(&mut machine, at(120_001), THERE, answer(stranger(), "192.0.2.2", 120)).unwrap();
    machine.poll_event().unwrap();
    hand(&mut machine, at(120_002), THERE, answer(stranger(), "192.0.2.2", 0)).unwrap();
    machine.resolve(at(120_003), stranger()).unwrap();
    assert_eq!(machine.poll_event(), None);
}

#[test]
fn a_name_has_one_address_a_family_and_the_first_counts() {
    let mut machine = machine(Config::default(), &[HERE]);
    machine.resolve(at(0), stranger()).unwrap();
    let mut bytes = Vec::new();
    let mut writer = Writer::response(&mut bytes, 0);
    for text in ["192.0.2.2", "192.0.2.3", "2001:db8::2", "2001:db8::3"] {
        writer.address(stranger(), ip(text), 120);
    }
    hand(&mut machine, at(0), THERE, bytes).unwrap();
    let expected = vec![ip("2001:db8::2"), ip("192.0.2.2")];
    assert_eq!(machine.poll_event(), Some(Event::Resolved(stranger(), expected)));
}

#[test]
fn a_name_of_ours_needs_no_question() {
    let mut machine = machine(Config::default(), &[HERE]);
    let name = offer(&mut machine, at(0));
    machine.resolve(at(0), name).unwrap();
    assert_eq!(machine.poll_event(), Some(Event::Resolved(name, vec![ip("192.0.2.1")])));
    // Nobody can talk us out of it.
    hand(&mut machine, at(0), THERE, answer(name, "192.0.2.66", 120)).unwrap();
    machine.resolve(at(0), name).unwrap();
    assert_eq!(machine.poll_event(), Some(Event::Resolved(name, vec![ip("192.0.2.1")])));
}

#[test]
fn a_new_name_is_announced_twice_and_taken_back() {
    let mut machine = machine(Config::default(), &[HERE, "[fe80::1%3]:5353"]);
    let name = offer(&mut machine, at(0));
    assert_eq!(pull(&mut machine, at(0)).len(), 0);
    let record = |ttl| Record { name, address: ip("192.0.2.1"), ttl };
    for now in [at(1000), at(2000)] {
        assert_eq!(machine.poll_timeout(), Some(now));
        let told = pull(&mut machine, now);
        let to: Vec<SocketAddr> = told.iter().map(|(path, _)| path.remote).collect();
        assert_eq!(to, [address("224.0.0.251:5353"), address("[ff02::fb%3]:5353")]);
        assert!(told.iter().all(|(_, message)| message.records == [record(120)]));
    }
    assert_eq!(machine.poll_timeout(), None);
    machine.withdraw(name);
    let told = pull(&mut machine, at(3000));
    assert_eq!((told.len(), &told[0].1.records[..]), (2, &[record(0)][..]));
    assert!(machine.is_idle());
    assert_eq!(hand(&mut machine, at(3000), THERE, question(name, false)), Err(Discard::Unrelated));
}

#[test]
fn a_question_is_answered_at_once_and_then_once_a_second() {
    let mut machine = machine(Config::default(), &[HERE]);
    let name = offer(&mut machine, at(0));
    for now in [10, 20, 30] {
        hand(&mut machine, at(now), THERE, question(name, false)).unwrap();
    }
    assert_eq!(pull(&mut machine, at(30)).len(), 1);
    // The second waits, and stands for the third and for the announcement.
    assert_eq!(pull(&mut machine, at(1000)).len(), 0);
    assert_eq!(machine.poll_timeout(), Some(at(1010)));
    assert_eq!(pull(&mut machine, at(1010)).len(), 1);
    // RFC 6762 §7.1: who knows it does not ask.
    let mut known = question(name, false);
    known[7] = 1; // one answer follows
    known.extend(&answer(name, "192.0.2.1", 60)[12..]);
    let mut now = at(5000);
    pull(&mut machine, now);
    hand(&mut machine, now, THERE, known.clone()).unwrap();
    assert_eq!(pull(&mut machine, now).len(), 0);
    now += Duration::from_secs(2);
    let ttl = known.len() - 7;
    known[ttl] = 59;
    hand(&mut machine, now, THERE, known).unwrap();
    assert_eq!(pull(&mut machine, now).len(), 1);
}

#[test]
fn who_asks_for_unicast_gets_it_if_all_have_heard_it_lately() {
    let mut machine = machine(Config::default(), &[HERE]);
    let name = offer(&mut machine, at(0));
    hand(&mut machine, at(1), THERE, question(name, true)).unwrap();
    assert_eq!(pull(&mut machine, at(1))[0].0.remote, address("224.0.0.251:5353"));
    for now in [2, 3] {
        hand(&mut machine, at(now), THERE, question(name, true)).unwrap();
        let told = pull(&mut machine, at(now));
        assert_eq!(told[0].0, Path::udp(address(HERE), address(THERE)));
        assert_eq!(told[0].1.records, [Record { name, address: ip("192.0.2.1"), ttl: 120 }]);
    }
}

#[test]
fn who_asks_by_ordinary_dns_gets_his_answer() {
    let mut machine = machine(Config::default(), &[HERE]);
    let name = offer(&mut machine, at(0));
    let mut asked = question(name, false);
    asked[1] = 77;
    hand(&mut machine, at(1), "192.0.2.2:40000", asked).unwrap();
    let [(path, message)] = &pull(&mut machine, at(1))[..] else { panic!("one answer") };
    assert_eq!(path.remote, address("192.0.2.2:40000"));
    assert_eq!((message.id, message.questions[0].kind), (77, Kind::A));
    assert_eq!(message.records, [Record { name, address: ip("192.0.2.1"), ttl: 10 }]);
    // A question that has no answer is answered too.
    let mut asked = Vec::new();
    Writer::query(&mut asked).question(name, Kind::Aaaa, false);
    hand(&mut machine, at(2), "192.0.2.2:40000", asked).unwrap();
    assert_eq!(pull(&mut machine, at(2))[0].1.records, []);
}

#[test]
fn what_is_no_message_for_us_is_discarded_and_says_why() {
    let mut machine = machine(Config::default(), &[HERE]);
    machine.resolve(at(0), stranger()).unwrap();
    pull(&mut machine, at(0));
    let good = answer(stranger(), "192.0.2.2", 120);
    let with = |place: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[place] = value;
        bytes
    };
    let table = [
        (THERE, with(2, 0x84 | 0x08), Discard::NotStandard), // OPCODE 1
        (THERE, with(3, 3), Discard::NotStandard),           // NXDOMAIN
        ("192.0.2.2:53", good.clone(), Discard::SourcePort(53)),
        (THERE, with(13, b'x'), Discard::Unrelated),
    ];
    for (from, bytes, discard) in table {
        assert_eq!(hand(&mut machine, at(1), from, bytes), Err(discard));
    }
    assert!(matches!(
        hand(&mut machine, at(1), THERE, good[..20].to_vec()),
        Err(Discard::Malformed(_))
    ));
    let elsewhere = Path::udp(address("10.0.0.1:5353"), address(THERE));
    let input = Datagram::new(elsewhere, at(1), &mut []);
    assert_eq!(machine.handle_input(at(1), input), Err(Discard::Link(elsewhere.local)));
    assert_eq!(machine.poll_event(), None);
}

#[test]
fn all_that_others_can_fill_is_bounded() {
    let config = Config { max_questions: 3, max_cached: 4, max_answers: 5, ..Config::default() };
    let mut machine = machine(config, &[HERE]);
    let mut rng = SeededRng::new(9);
    for n in 0..3 {
        assert_eq!(machine.resolve(at(0), Name::random(&mut rng)), Ok(()), "{n}");
    }
    let refused = machine.resolve(at(0), stranger());
    assert_eq!(refused, Err(ResolveError::TooMany(3)));
    for n in 0..100 {
        let name = Name::random(&mut rng);
        hand(&mut machine, at(n), THERE, answer(name, "192.0.2.2", 100 - n as u32)).unwrap();
        assert!(machine.heard.len() <= 4);
    }
    // The first ones expire last, and have stayed.
    assert_eq!(machine.heard.values().map(|h| h.addresses(at(99)).len()).sum::<usize>(), 4);
    let name = offer(&mut machine, at(100));
    pull(&mut machine, at(100));
    for port in 1000..2000 {
        hand(&mut machine, at(200), &format!("192.0.2.2:{port}"), question(name, false)).unwrap();
    }
    assert_eq!(pull(&mut machine, at(200)).len(), 5);
}

#[test]
fn answers_by_unicast_are_so_many_a_second() {
    let config = Config { max_unicast_answers: 3, ..Config::default() };
    let mut machine = machine(config, &[HERE]);
    let name = offer(&mut machine, at(0));
    let mut told = |now| {
        hand(&mut machine, at(now), "192.0.2.2:40000", question(name, false)).unwrap();
        pull(&mut machine, at(now)).iter().filter(|(path, _)| path.remote.port() == 40_000).count()
    };
    assert_eq!((5000..5010).map(&mut told).sum::<usize>(), 3);
    assert_eq!((6000..6010).map(&mut told).sum::<usize>(), 3);
}

#[test]
fn a_new_link_is_asked_and_told() {
    let mut machine = machine(Config::default(), &[]);
    let name = offer(&mut machine, at(0));
    machine.resolve(at(0), stranger()).unwrap();
    assert_eq!((pull(&mut machine, at(0)).len(), pull(&mut machine, at(4000)).len()), (0, 0));
    machine.set_links(at(5000), &[address(HERE)]);
    let sent = pull(&mut machine, at(5000));
    assert!(sent.iter().any(|(_, message)| message.records.iter().any(|r| r.name == name)));
    assert!(sent.iter().any(|(_, message)| message.questions.iter().any(|q| q.name == stranger())));
    // What waits for a link that is gone does not go.
    machine.set_links(at(6000), &[address("10.0.0.1:5353")]);
    machine.set_links(at(6000), &[]);
    assert_eq!(pull(&mut machine, at(6000)).len(), 0);
}

#[test]
fn many_names_share_a_datagram() {
    let mut machine = machine(Config::default(), &[HERE]);
    let mut rng = SeededRng::new(9);
    machine.set_links(at(0), &[]);
    for _ in 0..40 {
        machine.resolve(at(0), Name::random(&mut rng)).unwrap();
    }
    machine.set_links(at(1), &[address(HERE)]);
    let asked: Vec<usize> =
        pull(&mut machine, at(1)).iter().map(|(_, message)| message.questions.len()).collect();
    assert_eq!(asked, [32, 32, 16]);
}
