//! Packets without checksum, RFC 9653, where both sides say that DTLS carries them.

use dcsctp::api::{
    Options, ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_LOWER_LAYER_DTLS as DTLS,
    ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_NONE as NONE,
};
use patchcord_sctp::Config;
use testkit::{Direction, LinkConfig};

use crate::support::{EITHER, Mixed, Who, connected, ms, ordered, payload, read_from, send};

fn agreed(ours: bool, theirs: bool, who: Who) -> Mixed {
    let config = Config { zero_checksum: ours, ..Config::default() };
    let options = Options {
        zero_checksum_alternate_error_detection_method: if theirs { DTLS } else { NONE },
        ..Options::default()
    };
    connected(config, &options, LinkConfig::delayed(ms(20)), (who, 1))
}

/// Messages arrive both ways, and nothing is sent twice.
fn exchange(pair: &mut Mixed) {
    for who in EITHER {
        send(pair, who, &ordered(1, &payload(1, 20_000)));
    }
    pair.run_for(ms(3000));
    for who in EITHER {
        assert_eq!(read_from(pair, who), [(1, 53, payload(1, 20_000))]);
    }
    assert_eq!(pair.a_discards, []);
    assert_eq!(pair.a.counters().retransmissions, 0);
    assert_eq!(pair.b.metrics().rtx_packets_count, 0);
}

/// How many packets went with a checksum and how many without, one way.
fn packets(pair: &Mixed, direction: Direction) -> (usize, usize) {
    let entries = pair.trace.entries().filter(|entry| entry.direction == direction);
    let (zero, with): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.data[8..12] == [0; 4]);
    (with.len(), zero.len())
}

#[test]
fn none_but_the_set_up_has_one_where_both_agree() {
    for who in EITHER {
        let mut pair = agreed(true, true, who);
        exchange(&mut pair);
        assert!(pair.b.metrics().uses_zero_checksum);
        let (ours, our_zero) = packets(&pair, Direction::AToB);
        let (theirs, their_zero) = packets(&pair, Direction::BToA);
        // INIT and COOKIE ECHO of one side. The INIT ACK of the other may have one, and ours does.
        let expected = match who {
            Who::Ours => (2, 0),
            Who::Theirs => (1, 2),
        };
        assert_eq!((ours, theirs), expected, "{who:?}");
        assert!(our_zero > 10 && their_zero > 10, "{who:?}");
    }
}

#[test]
fn it_takes_both() {
    for who in EITHER {
        for (ours, theirs) in [(true, false), (false, true), (false, false)] {
            let mut pair = agreed(ours, theirs, who);
            exchange(&mut pair);
            assert!(!pair.b.metrics().uses_zero_checksum);
            for direction in [Direction::AToB, Direction::BToA] {
                assert_eq!(packets(&pair, direction).1, 0, "{ours} {theirs} {direction:?}");
            }
        }
    }
}
