//! An error names the line and says what is wrong with it.

use patchcord_sdp::{Candidate, Session};

/// Lines behind `v=0`, `o=` and `s=`, so the first is line 4.
const LINES: &[(&str, &str)] = &[
    ("m=audio 70000 RTP/AVP 0", "line 4: m=: port 70000 is not in 0..=65535"),
    ("m=audio -1 RTP/AVP 0", "line 4: m=: port is not a number"),
    ("m=audio 9", "line 4: m=: protocol is missing"),
    ("m=", "line 4: m=: media is missing"),
    ("m=audio 9/70000 RTP/AVP 0", "line 4: m=: number of ports 70000 is not in 0..=65535"),
    ("m=audio 9 RTP/AVP 128", "line 4: m=: payload type 128 is not in 0..=127"),
    ("m=audio 9 UDP/TLS/RTP/SAVPF opus", "line 4: m=: payload type is not a number"),
    ("c=IN IP7 x", "line 4: c=: address type is not IP4 or IP6"),
    ("c=ATM IP4 x", "line 4: c=: network type is not IN"),
    ("c=IN IP4", "line 4: c=: address is missing"),
    ("b=AS", "line 4: b=: bandwidth is missing"),
    ("b=AS:x", "line 4: b=: bandwidth is not a number"),
    (
        "b=AS:18446744073709551616",
        "line 4: b=: bandwidth 18446744073709551615 is not in 0..=18446744073709551615",
    ),
    ("t=0", "line 4: t=: stop time is missing"),
    ("r=7d 1h 0", "line 4: r=: there is no t= before it"),
    ("o=- 1 1 IN IP4 0", "line 4: o=: stands here a second time"),
    ("s=again", "line 4: s=: stands here a second time"),
    ("v=0", "line 4: v=: stands here a second time"),
    ("i=a\ni=b", "line 5: i=: stands here a second time"),
    ("m=audio 9 RTP/AVP 0\nt=0 0", "line 5: t=: belongs before the first m="),
    ("m=audio 9 RTP/AVP 0\nk=a\nk=b", "line 6: k=: stands here a second time"),
    ("mid", "line 4: not of the form letter=value"),
    ("a:mid", "line 4: not of the form letter=value"),
    ("\nm=audio 9 RTP/AVP 0", "line 4: the line is empty"),
    ("a=x\rb=y", "line 4: a control character within the line"),
    ("i=\0", "line 4: a control character within the line"),
    ("a=", "line 4: a=: name is missing"),
    ("a=:x", "line 4: a=: name is missing"),
    ("a=mid", "line 4: a=mid: mid is missing"),
    ("a=mid:a b", "line 4: a=mid: mid is not one word"),
    ("a=setup:maybe", "line 4: a=setup: role is not active, passive, actpass or holdconn"),
    ("a=connection:old", "line 4: a=connection: value is not new or existing"),
    ("a=ice-ufrag:", "line 4: a=ice-ufrag: ufrag is missing"),
    ("a=ice-pwd:a b", "line 4: a=ice-pwd: password is not one word"),
    ("a=ice-options:", "line 4: a=ice-options: option is missing"),
    (
        "a=ice-pacing:10000000000",
        "line 4: a=ice-pacing: pacing 10000000000 is not in 0..=9999999999",
    ),
    ("a=fingerprint:sha-256", "line 4: a=fingerprint: digest is missing"),
    ("a=fingerprint:sha-256 AB:CD", "line 4: a=fingerprint: digest has 2 bytes, not 32"),
    (
        "a=fingerprint:SHA-1 AB:CD:",
        "line 4: a=fingerprint: digest is not bytes in hex with colons between",
    ),
    (
        "a=fingerprint:new ABC",
        "line 4: a=fingerprint: digest is not bytes in hex with colons between",
    ),
    ("a=rtpmap:128 VP8/90000", "line 4: a=rtpmap: payload type 128 is not in 0..=127"),
    ("a=rtpmap:96", "line 4: a=rtpmap: encoding name is missing"),
    ("a=rtpmap:96 VP8", "line 4: a=rtpmap: clock rate is missing"),
    ("a=rtpmap:96 /90000", "line 4: a=rtpmap: encoding name is missing"),
    (
        "a=rtpmap:96 VP8/4294967296",
        "line 4: a=rtpmap: clock rate 4294967296 is not in 0..=4294967295",
    ),
    ("a=fmtp:", "line 4: a=fmtp: format is missing"),
    ("a=rtcp-fb:200 nack", "line 4: a=rtcp-fb: payload type 200 is not in 0..=127"),
    ("a=rtcp-fb:*", "line 4: a=rtcp-fb: feedback is missing"),
    ("a=rtcp:65536", "line 4: a=rtcp: port 65536 is not in 0..=65535"),
    ("a=rtcp:9 IN IP7 X", "line 4: a=rtcp: address type is not IP4 or IP6"),
    ("a=extmap:0 urn:x", "line 4: a=extmap: id 0 is not in 1..=4351"),
    ("a=extmap:5000 urn:x", "line 4: a=extmap: id 5000 is not in 1..=4351"),
    ("a=extmap:1", "line 4: a=extmap: URI is missing"),
    (
        "a=extmap:1/up urn:x",
        "line 4: a=extmap: direction is not sendrecv, sendonly, recvonly or inactive",
    ),
    ("a=ssrc:4294967296 cname:x", "line 4: a=ssrc: SSRC 4294967296 is not in 0..=4294967295"),
    ("a=ssrc:1 c name:x", "line 4: a=ssrc: attribute is not one word"),
    ("a=ssrc-group:FID 1 x", "line 4: a=ssrc-group: SSRC is not a number"),
    ("a=group:", "line 4: a=group: semantics is missing"),
    ("a=msid:a b c", "line 4: a=msid: track is not one word"),
    ("a=msid-semantic:", "line 4: a=msid-semantic: semantic is missing"),
    ("a=rid:1 up", "line 4: a=rid: direction is not send or recv"),
    ("a=simulcast:", "line 4: a=simulcast: direction is missing"),
    ("a=simulcast:send", "line 4: a=simulcast: list of streams is missing"),
    ("a=simulcast:send 1;;2", "line 4: a=simulcast: rid is missing"),
    ("a=simulcast:send 1 send 2", "line 4: a=simulcast: direction is not there only once"),
    ("a=sctp-port:65536", "line 4: a=sctp-port: port 65536 is not in 0..=65535"),
    ("a=max-message-size:", "line 4: a=max-message-size: size is missing"),
    ("a=sctpmap:5000", "line 4: a=sctpmap: protocol is missing"),
    ("a=sctp-init:AQ", "line 4: a=sctp-init: chunk is not base64"),
    ("a=ptime:soon", "line 4: a=ptime: value is not a decimal number"),
    ("a=framerate:.", "line 4: a=framerate: value is not a decimal number"),
    (
        "a=candidate:1 1 udp 1 192.0.2.2 70000 typ host",
        "line 4: a=candidate: port 70000 is not in 0..=65535",
    ),
];

/// Candidates that travel alone.
const CANDIDATES: &[(&str, &str)] = &[
    ("", "foundation is missing"),
    ("candidate:1", "component is missing"),
    ("candidate:1 0 udp 1 192.0.2.2 5 typ host", "component 0 is not in 1..=256"),
    (
        "candidate:1 1 udp 4294967296 192.0.2.2 5 typ host",
        "priority 4294967296 is not in 0..=4294967295",
    ),
    ("candidate:1 1 udp 1 192.0.2.2 x typ host", "port is not a number"),
    ("candidate:1 1 udp 1 192.0.2.2 5 host", "word after the port is not typ"),
    ("candidate:1 1 udp 1 192.0.2.2 5 typ", "type is missing"),
    ("candidate:1 1 udp 1 192.0.2.2 5 typ srflx raddr", "raddr is missing"),
    ("candidate:1 1 udp 1 192.0.2.2 5 typ srflx raddr 10.0.0.1", "rport is missing"),
    (
        "candidate:1 1 udp 1 192.0.2.2 5 typ srflx raddr 10.0.0.1 rport 65536",
        "rport 65536 is not in 0..=65535",
    ),
    (
        "candidate:1 1 udp 1 192.0.2.2 5 typ host\r\na=ice-lite",
        "a control character within the line",
    ),
];

#[test]
fn a_line_is_named_with_its_fault() {
    for (lines, expected) in LINES {
        let text = format!("v=0\no=- 1 1 IN IP4 0\ns=-\n{lines}\n");
        let error = Session::parse(&text).expect_err(lines);
        assert_eq!(error.to_string(), *expected, "{lines}");
    }
}

#[test]
fn a_description_is_complete() {
    for (text, expected) in [
        ("", "line 1: a description begins with v=0"),
        ("m=audio 9 RTP/AVP 0\r\n", "line 1: a description begins with v=0"),
        ("{\"type\":\"offer\"}", "line 1: a description begins with v=0"),
        ("v=1\r\n", "line 1: v=: version 1 is not 0"),
        ("v=\r\n", "line 1: v=: version is missing"),
        ("v=0\r\n", "line 1: the description has no o="),
        ("v=0\r\no=- 1 1 IN IP4 0\r\n", "line 2: the description has no s="),
        ("v=0\r\no=- 1 1\r\n", "line 2: o=: network type is missing"),
    ] {
        assert_eq!(Session::parse(text).expect_err(text).to_string(), expected);
    }
}

#[test]
fn a_candidate_is_refused_with_its_fault() {
    for (text, expected) in CANDIDATES {
        assert_eq!(Candidate::parse(text).expect_err(text).to_string(), *expected, "{text}");
    }
}

#[test]
fn credentials_have_a_bound() {
    for (length, fine) in [(256, true), (257, false)] {
        let text = format!("v=0\no=- 1 1 IN IP4 0\ns=-\na=ice-pwd:{}\n", "x".repeat(length));
        assert_eq!(Session::parse(&text).is_ok(), fine);
    }
}
