//! Examples of the RFCs, shortened to what each is about.

use patchcord_sdp::attribute::{Attribute, Direction, MuxCategory, PayloadType, Setup};
use patchcord_sdp::{AddressType, Bandwidth, BandwidthKind, Media, MediaKind, Session};

/// RFC 8866 §5.
const RFC_8866: &str = "v=0\r\n\
    o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n\
    s=Call to John Smith\r\n\
    i=SDP Offer #1\r\n\
    u=http://www.jdoe.example.com/home.html\r\n\
    e=Jane Doe <jane@jdoe.example.com>\r\n\
    p=+1 617 555-6011\r\n\
    c=IN IP4 198.51.100.1\r\n\
    t=0 0\r\n\
    m=audio 49170 RTP/AVP 0\r\n\
    m=audio 49180 RTP/AVP 0\r\n\
    m=video 51372 RTP/AVP 99\r\n\
    c=IN IP6 2001:db8::2\r\n\
    a=rtpmap:99 h263-1998/90000\r\n";

#[test]
fn session_lines_of_rfc_8866() {
    let session = Session::parse(RFC_8866).unwrap();
    assert_eq!(session.to_string(), RFC_8866);
    assert_eq!(session.origin.username, "jdoe");
    assert_eq!(session.name, "Call to John Smith");
    assert_eq!(session.phones, ["+1 617 555-6011"]);
    let addresses = session.sections().map(|section| section.connection().unwrap().address_type);
    assert!(addresses.eq([AddressType::Ip4, AddressType::Ip4, AddressType::Ip6]));
}

/// RFC 8866 §5.10 and §5.11; RFC 3556 §2; RFC 3890 §6.2.
#[test]
fn times_and_bandwidth() {
    let text = "v=0\r\n\
        o=- 1 1 IN IP4 192.0.2.1\r\n\
        s= \r\n\
        b=AS:512\r\n\
        b=X-YZ:128\r\n\
        t=3724394400 3724398000\r\n\
        r=604800 3600 0 90000\r\n\
        z=3730928400 -1h 3749680800 0\r\n\
        t=0 0\r\n\
        k=prompt\r\n\
        m=video 51372 RTP/AVP 99\r\n\
        b=TIAS:50780\r\n\
        b=RS:800\r\n\
        b=RR:2400\r\n\
        k=clear:x\r\n";
    let session = Session::parse(text).unwrap();
    assert_eq!(session.to_string(), text);
    assert_eq!(session.times[0].repeats, ["604800 3600 0 90000"]);
    assert_eq!(session.times[0].zone.as_deref(), Some("3730928400 -1h 3749680800 0"));
    let kinds = session.media[0].bandwidth.iter().map(|bandwidth| bandwidth.kind.as_str());
    assert!(kinds.eq(["TIAS", "RS", "RR"]));
    let other = Bandwidth { kind: BandwidthKind::Other("X-YZ".into()), value: 128 };
    assert_eq!(session.bandwidth[1], other);
}

/// RFC 9143 §17.1 and §7.3.3: a bundle, of which one part is only of use in it, and one rejected.
#[test]
fn bundles_of_rfc_9143() {
    let text = "v=0\r\n\
        o=alice 2890844526 2890844526 IN IP6 2001:db8::3\r\n\
        s=\r\n\
        t=0 0\r\n\
        a=group:BUNDLE foo bar\r\n\
        m=audio 10000 RTP/AVP 0 8 97\r\n\
        a=mid:foo\r\n\
        m=video 0 RTP/AVP 31 32\r\n\
        a=bundle-only\r\n\
        a=mid:bar\r\n\
        m=video 0 RTP/AVP 66\r\n\
        a=mid:zen\r\n";
    let session = Session::parse(text).unwrap();
    let bundle = session.bundle_groups().next().unwrap();
    assert!(bundle.contains("foo") && bundle.contains("bar") && !bundle.contains("zen"));
    let rejected = session.media.iter().map(Media::is_rejected);
    assert!(rejected.eq([false, false, true]));
    assert_eq!(session.to_string(), text);
}

/// RFC 8859 §5, and the registrations since.
#[test]
fn attributes_of_the_transport_stand_in_the_tagged_section_only() {
    let session = Session::parse(include_str!("vectors/chromium_offer.sdp")).unwrap();
    let transport = session.media[0].attributes.iter();
    let transport = transport.filter(|a| a.mux_category().only_in_tagged_section());
    let mut names: Vec<_> = transport.map(Attribute::name).collect();
    names.dedup();
    let expected = [
        "rtcp",
        "candidate",
        "ice-ufrag",
        "ice-pwd",
        "fingerprint",
        "setup",
        "rtcp-mux",
        "rtcp-rsize",
    ];
    assert_eq!(names, expected);
    let ptime = Attribute::Ptime(20.into());
    assert_eq!(ptime.mux_category(), MuxCategory::IdenticalPerPt);
}

/// RFC 8841 §12.1, and the drafts before it.
#[test]
fn data_channels_new_and_old() {
    let head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    let new = "m=application 54111 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=sctp-port:5000\r\na=max-message-size:100000\r\na=setup:actpass\r\na=connection:new\r\n\
        a=tls-id:abc3de65cddef001be82\r\n";
    let old = "m=application 9 DTLS/SCTP 5000\r\na=sctpmap:5000 webrtc-datachannel 16\r\n";
    for (lines, size) in [(new, Some(100_000)), (old, None)] {
        let text = format!("{head}{lines}");
        let session = Session::parse(&text).unwrap();
        let media = &session.media[0];
        assert_eq!(media.kind, MediaKind::Application);
        assert!(media.is_sctp());
        assert_eq!((media.sctp_port(), media.max_message_size()), (Some(5000), size));
        assert_eq!(session.to_string(), text);
    }
}

/// RFC 8853 §6.3 and RFC 8851 §10.
#[test]
fn simulcast_of_rfc_8853() {
    let text = "v=0\r\n\
        o=fred 238947129 823479223 IN IP6 2001:db8::c000:27d\r\n\
        s=Offer from Simulcast-Enabled Multi-Source Client\r\n\
        t=0 0\r\n\
        m=video 49600 RTP/AVPF 100 101\r\n\
        a=rtpmap:100 VP8/90000\r\n\
        a=rid:1 send max-width=1280;max-height=720;max-fps=60;depend=2\r\n\
        a=rid:4 recv pt=100,101\r\n\
        a=simulcast:send 1,~2;3 recv 4\r\n\
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
        a=sendrecv\r\n";
    let session = Session::parse(text).unwrap();
    assert_eq!(session.to_string(), text);
    let video = &session.media[0];
    let simulcast = video.simulcast().unwrap();
    assert_eq!((simulcast.send.len(), simulcast.recv.len()), (2, 1));
    assert!(simulcast.send[0].alternatives[1].paused);
    let rids: Vec<_> = video.rids().collect();
    assert!(rids[0].restrictions().any(|restriction| restriction == ("max-fps", "60")));
    assert!(rids[1].payload_types().map(PayloadType::number).eq([100, 101]));
}

/// RFC 8839 §4.2.6 and RFC 8842 §9: what may stand in the session, and what follows from that.
#[test]
fn ice_and_dtls_in_the_session() {
    let text = "v=0\r\n\
        o=jdoe 2890844526 2890842807 IN IP4 203.0.113.141\r\n\
        s=-\r\n\
        c=IN IP4 192.0.2.3\r\n\
        t=0 0\r\n\
        a=ice-options:ice2\r\n\
        a=ice-pacing:50\r\n\
        a=ice-pwd:asd88fgpdd777uzjYhagZg\r\n\
        a=ice-ufrag:8hhY\r\n\
        a=setup:passive\r\n\
        a=inactive\r\n\
        m=audio 45664 RTP/AVP 0\r\n\
        b=RS:0\r\n\
        a=rtpmap:0 PCMU/8000\r\n\
        a=candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host\r\n\
        a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998\r\n\
        a=remote-candidates:1 192.0.2.3 45664\r\n";
    let session = Session::parse(text).unwrap();
    assert_eq!(session.to_string(), text);
    let section = session.section(0).unwrap();
    assert_eq!(section.ice_ufrag(), Some("8hhY"));
    assert_eq!(section.ice_pwd(), Some("asd88fgpdd777uzjYhagZg"));
    assert_eq!(section.setup(), Some(Setup::Passive));
    assert_eq!(section.direction(), Direction::Inactive);
    assert!(section.has_ice_option("ice2"));
    let reflexive = section.media.candidates().nth(1).unwrap();
    let related = reflexive.related.as_ref().unwrap();
    assert_eq!((related.address.to_string(), related.port), ("203.0.113.141".to_owned(), 8998));
}

/// Lines that nobody understands stay where they are.
#[test]
fn the_unknown_is_kept_in_its_place() {
    let text = "v=0\r\n\
        o=- 1 1 IN IP4 0.0.0.0\r\n\
        s=-\r\n\
        t=0 0\r\n\
        a=x-first\r\n\
        y=0100000001\r\n\
        a=group:BUNDLE\r\n\
        a=x-second: spaced : out \r\n\
        m=audio 9 RTP/AVP 0\r\n\
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:FvLcvU2P3ZWmQxgPAgcDu7Zl9vftYElFOjEzhWs5\r\n\
        a=rtcp-mux:no\r\n\
        f=v/1/2\r\n\
        a=mid:0\r\n";
    let session = Session::parse(text).unwrap();
    assert_eq!(session.to_string(), text);
    let names: Vec<_> = session.media[0].attributes.iter().map(Attribute::name).collect();
    assert_eq!(names, ["crypto", "rtcp-mux", "f", "mid"]);
    assert!(!session.media[0].rtcp_mux());
}
