//! Ports that are even, pairs of them, and requests that contradict themselves.

use core::time::Duration;

use patchcord_turn::AddressFamily;
use patchcord_turn::attribute::{
    AdditionalAddressFamily, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport,
    ReservationToken, XorPeerAddress, XorRelayedAddress,
};
use sansio::{Instant, Machine, Transport};
use stun::{AttributeType, Class, Message, Method};

use crate::asker::{Asker, with};
use crate::scene::{Host, PEER, at, host, server_config};

type Attributes = Vec<(AttributeType, Vec<u8>)>;

const NOW: Instant = Instant::ZERO;

fn asker(port: u16) -> Asker {
    Asker::new(&format!("203.0.113.7:{port}"), Transport::Udp, ("alice", "wonderland"))
}

fn allocate(host: &mut Host, port: u16, more: &[(AttributeType, Vec<u8>)]) -> crate::asker::Answer {
    let mut attributes = vec![with(&RequestedTransport::UDP)];
    attributes.extend_from_slice(more);
    let answer = asker(port).ask(host, NOW, Method::ALLOCATE, &attributes);
    answer.unwrap_or_else(|| unreachable!("an answer"))
}

/// Nobody has been told yet that there are two.
#[test]
fn half_of_what_is_not_open_yet_cannot_be_given_back() {
    let mut host = host(server_config(), 1);
    host.slow = true;
    let mut asker = asker(5000);
    let both = with(&AdditionalAddressFamily(AddressFamily::Ipv6));
    let answer =
        asker.ask(&mut host, NOW, Method::ALLOCATE, &[with(&RequestedTransport::UDP), both]);
    assert!(answer.is_none() && host.wanted.len() == 2);
    let half = [with(&RequestedAddressFamily(AddressFamily::Ipv6)), with(&Lifetime::ZERO)];
    let answer = asker.ask(&mut host, NOW, Method::REFRESH, &half);
    assert_eq!(answer.map(|answer| answer.code()), Some(437));
    host.open_all(NOW);
    let mut buf = Vec::new();
    assert!(host.poll_transmit(NOW, &mut buf).is_some());
    assert_eq!(Message::parse(&buf).unwrap().class(), Class::SuccessResponse);
    let answer = asker.ask(&mut host, NOW, Method::REFRESH, &half);
    assert_eq!((answer.map(|answer| answer.code()), host.open.len()), (Some(0), 1));
}

#[test]
fn pairs_of_ports_are_made_by_two_allocations() {
    let mut host = host(server_config(), 1);
    let even = with(&EvenPort { reserve_next: true });
    for port in 0..20 {
        let answer = allocate(&mut host, 5000 + 2 * port, std::slice::from_ref(&even));
        let XorRelayedAddress(rtp) = answer.get().unwrap();
        let token: ReservationToken = answer.get().unwrap();
        assert_eq!(rtp.port() % 2, 0);
        let second = allocate(&mut host, 5001 + 2 * port, &[with(&token)]);
        let XorRelayedAddress(rtcp) = second.get().unwrap();
        assert_eq!(rtcp.port(), rtp.port() + 1);
        // A token is good once.
        assert_eq!(allocate(&mut host, 4000 + port, &[with(&token)]).code(), 508);
    }
}

#[test]
fn a_reservation_expires_and_reservations_are_bounded() {
    let config = patchcord_turn::server::Config { max_reservations: 2, ..server_config() };
    let mut host = host(config, 1);
    let even = [with(&EvenPort { reserve_next: true })];
    let token: ReservationToken = allocate(&mut host, 5000, &even).get().unwrap();
    assert_eq!(allocate(&mut host, 5001, &even).code(), 0);
    assert_eq!(allocate(&mut host, 5002, &even).code(), 508);
    host.handle_timeout(NOW + Duration::from_secs(30));
    assert_eq!(allocate(&mut host, 5003, &[with(&token)]).code(), 508);
    assert_eq!(allocate(&mut host, 5004, &even).code(), 0);
}

#[test]
fn a_small_range_is_used_up_to_the_last_port() {
    let config = patchcord_turn::server::Config { ports: 50_000..=50_004, ..server_config() };
    let mut host = host(config, 1);
    let codes: Vec<_> = (0..7).map(|n| allocate(&mut host, 5000 + n, &[]).code()).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 508, 508]);
}

#[test]
fn requests_that_contradict_themselves_are_refused() {
    let (v4, v6) = (AddressFamily::Ipv4, AddressFamily::Ipv6);
    let token = || with(&ReservationToken([7; 8]));
    let table: [(Attributes, u16); 8] = [
        (vec![token(), with(&EvenPort { reserve_next: false })], 400),
        (vec![token(), with(&RequestedAddressFamily(v4))], 400),
        (vec![token(), with(&AdditionalAddressFamily(v6))], 400),
        (vec![with(&AdditionalAddressFamily(v4))], 400),
        (vec![with(&RequestedAddressFamily(v6)), with(&AdditionalAddressFamily(v6))], 400),
        (vec![with(&EvenPort { reserve_next: true }), with(&AdditionalAddressFamily(v6))], 400),
        (vec![(AttributeType(0x7fff), vec![])], 420),
        (vec![(AttributeType::LIFETIME, vec![1])], 400),
    ];
    let mut host = host(server_config(), 1);
    for (attributes, code) in table {
        assert_eq!(allocate(&mut host, 5000, &attributes).code(), code, "{attributes:?}");
    }
    let mut plain = |attributes: &[_]| {
        asker(5000).ask(&mut host, NOW, Method::ALLOCATE, attributes).map(|answer| answer.code())
    };
    assert_eq!(plain(&[]), Some(400));
    assert_eq!(plain(&[with(&RequestedTransport(99))]), Some(442));
    // RFC 6062 §5.1: over a stream only.
    assert_eq!(plain(&[with(&RequestedTransport::TCP)]), Some(400));
    assert_eq!(host.server.stats().allocations, 0);
}

#[test]
fn one_allocation_a_5_tuple() {
    let mut host = host(server_config(), 1);
    let first: XorRelayedAddress = allocate(&mut host, 5000, &[]).get().unwrap();
    let again: XorRelayedAddress = allocate(&mut host, 5000, &[]).get().unwrap();
    assert_eq!(first, again, "with the same transaction it is a retransmission");
    let mut asker = asker(5000);
    let mut ask = |method, attributes: &[_]| {
        asker.ask(&mut host, NOW, method, attributes).map(|answer| answer.code())
    };
    assert_eq!(ask(Method::CREATE_PERMISSION, &[]), Some(400));
    assert_eq!(ask(Method::ALLOCATE, &[with(&RequestedTransport::UDP)]), Some(437));
    assert_eq!(ask(Method::CHANNEL_BIND, &[]), Some(400));
    // One number, one peer.
    let number = |n| with(&patchcord_turn::attribute::ChannelNumber::new(n).unwrap());
    let peer = |address| with(&XorPeerAddress(at(address)));
    assert_eq!(ask(Method::CHANNEL_BIND, &[number(0x4000), peer(PEER)]), Some(0));
    assert_eq!(ask(Method::CHANNEL_BIND, &[number(0x4000), peer(PEER)]), Some(0));
    assert_eq!(ask(Method::CHANNEL_BIND, &[number(0x4001), peer(PEER)]), Some(400));
    assert_eq!(ask(Method::CHANNEL_BIND, &[number(0x4000), peer("198.51.100.9:1")]), Some(400));
    assert_eq!(ask(Method::CHANNEL_BIND, &[number(0x4002), peer("10.0.0.1:1")]), Some(403));
    assert_eq!(ask(Method::REFRESH, &[with(&Lifetime::ZERO)]), Some(0));
    assert_eq!(ask(Method::REFRESH, &[with(&Lifetime::ZERO)]), Some(437));
    assert_eq!(ask(Method::CREATE_PERMISSION, &[peer(PEER)]), Some(437));
}

/// Another user at the same 5-tuple, as behind a NAT that has given the port away.
#[test]
fn an_allocation_is_its_users() {
    let mut host = host(server_config(), 1);
    assert_eq!(allocate(&mut host, 5000, &[]).code(), 0);
    let mut bob = Asker::new("203.0.113.7:5000", Transport::Udp, ("bob", "builder"));
    // The transaction of alice's request, which he has seen.
    let transport = with(&RequestedTransport::UDP);
    let same = bob.ask(&mut host, NOW, Method::ALLOCATE, std::slice::from_ref(&transport));
    assert_eq!(same.map(|answer| answer.code()), Some(437));
    let code = |answer: Option<crate::asker::Answer>| answer.map(|answer| answer.code());
    let refresh = bob.ask(&mut host, NOW, Method::REFRESH, &[with(&Lifetime::ZERO)]);
    assert_eq!(code(refresh), Some(441));
    assert_eq!(code(bob.ask(&mut host, NOW, Method::ALLOCATE, &[transport])), Some(437));
    assert_eq!(host.server.stats().allocations, 1);
}
