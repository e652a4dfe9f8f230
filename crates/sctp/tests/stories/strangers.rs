//! Packets that belong to no association, RFC 9260 §8.4, §8.5.

use bytes::Bytes;
use patchcord_sctp::chunk::{
    Abort, Chunk, CookieAck, Heartbeat, Init, Sack, Shutdown, ShutdownAck, ShutdownComplete,
};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::HeartbeatInfo;
use patchcord_sctp::{CloseReason, Config, Discard, Event, ParseError, Status, Tag, Tsn};
use sansio::{Datagram, Machine};

use crate::support::{Puppet, data, init, packet, payload};

const TAG: Tag = Tag(0x5555);

#[test]
fn out_of_the_blue() {
    let abort = Chunk::Abort(Abort { reflected: false, causes: Default::default() });
    let complete = Chunk::ShutdownComplete(ShutdownComplete { reflected: false });
    let cases = [
        (Chunk::Data(data(0, b"x")), Some("ABORT")),
        (Chunk::Sack(Sack::new(Tsn(1), 0, &[], &[])), Some("ABORT")),
        (Chunk::Shutdown(Shutdown { cumulative_tsn: Tsn(1) }), Some("ABORT")),
        (Chunk::Heartbeat(Heartbeat { info: HeartbeatInfo { info: b"x" } }), Some("ABORT")),
        (Chunk::ShutdownAck(ShutdownAck), Some("SHUTDOWN COMPLETE")),
        (abort, None),
        (complete, None),
        (Chunk::CookieAck(CookieAck), None),
    ];
    for (chunk, answer) in cases {
        let mut puppet = Puppet::new(Config::default());
        let result = puppet.send_tagged(TAG, &[chunk]);
        assert_eq!(result, if answer.is_some() { Ok(()) } else { Err(Discard::Unexpected) });
        let packets = puppet.packets();
        assert_eq!(packets.len(), usize::from(answer.is_some()), "{chunk:?}");
        if let Some(packet) = packets.first() {
            let packet = Packet::parse(packet, Checksum::Verify).unwrap();
            assert_eq!(packet.header.tag, TAG, "the tag is reflected");
            let reflected = match packet.chunks().next().unwrap().unwrap() {
                Chunk::Abort(abort) => abort.reflected,
                Chunk::ShutdownComplete(complete) => complete.reflected,
                chunk => panic!("{chunk:?}"),
            };
            assert!(reflected);
        }
        assert_eq!((puppet.sctp.status(), puppet.events()), (Status::Closed, vec![]));
    }
}

#[test]
fn the_wrong_tag_is_dropped() {
    let mut puppet = Puppet::default();
    let wrong = Tag(puppet.tag.0 ^ 1);
    let not_ours = Err(Discard::VerificationTag { found: wrong });
    assert_eq!(puppet.send_tagged(wrong, &[Chunk::Data(data(0, b"x"))]), not_ours);
    let abort = |reflected| Chunk::Abort(Abort { reflected, causes: Default::default() });
    assert_eq!(puppet.send_tagged(wrong, &[abort(false)]), not_ours);
    let reflected = puppet.send_tagged(puppet.tag, &[abort(true)]);
    assert_eq!(reflected, Err(Discard::VerificationTag { found: puppet.tag }));
    assert_eq!((puppet.receive(), puppet.events()), (vec![], vec![]));
    assert_eq!(puppet.sctp.status(), Status::Connected);
}

#[test]
fn an_abort_with_our_tag_reflected_counts() {
    let mut puppet = Puppet::default();
    let abort = Chunk::Abort(Abort { reflected: true, causes: Default::default() });
    puppet.send_tagged(crate::support::PUPPET_TAG, &[abort]).unwrap();
    let reason = CloseReason::RemoteAbort { cause: None };
    assert_eq!(puppet.events(), [Event::Closed(reason)]);
}

#[test]
fn a_bad_checksum_is_dropped() {
    let mut puppet = Puppet::default();
    let good = packet(puppet.tag, &[Chunk::Data(data(0, b"hello"))]);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let input = Datagram::new((), puppet.now, &mut bad);
        let result = puppet.sctp.handle_input(puppet.now, input);
        assert!(matches!(result, Err(Discard::Malformed(ParseError::Checksum { .. }))));
    }
    assert!(puppet.read_all().is_empty());
}

#[test]
fn other_ports_are_not_ours() {
    let mut puppet = Puppet::new(Config { local_port: 5001, ..Config::default() });
    let result = puppet.send_tagged(Tag(0), &[Chunk::Init(init(&[]))]);
    assert_eq!(result, Err(Discard::Ports { source_port: 5000, destination_port: 5000 }));
}

#[test]
fn shutdown_ack_for_an_association_before_this_one_is_answered() {
    let mut puppet = Puppet::new(Config::default());
    puppet.sctp.connect(puppet.now);
    puppet.receive();
    puppet.send_tagged(TAG, &[Chunk::ShutdownAck(ShutdownAck)]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN COMPLETE"]);
    assert_eq!(puppet.sctp.status(), Status::Connecting);
}

#[test]
fn nothing_begins_after_the_end() {
    let mut puppet = Puppet::default();
    puppet.sctp.abort(puppet.now, b"enough");
    assert_eq!(puppet.receive(), ["ABORT"]);
    assert_eq!(puppet.events(), [Event::Closed(CloseReason::LocalAbort)]);
    puppet.send_tagged(Tag(0), &[Chunk::Init(Init { tag: TAG, ..init(&[]) })]).unwrap();
    assert_eq!(puppet.receive(), ["ABORT"]);
    puppet.sctp.connect(puppet.now);
    puppet.sctp.shutdown(puppet.now);
    puppet.sctp.reset_streams(puppet.now, &[patchcord_sctp::StreamId(0)]);
    let message: Bytes = payload(0, 10);
    assert!(
        puppet
            .sctp
            .send(puppet.now, patchcord_sctp::StreamId(0), message, Default::default())
            .is_err()
    );
    assert_eq!((puppet.receive(), puppet.events()), (vec![], vec![]));
    assert_eq!(puppet.sctp.status(), Status::Ended);
}
