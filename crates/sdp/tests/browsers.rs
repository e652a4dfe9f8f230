//! What browsers write is written back byte for byte, and found where it is looked for.

use patchcord_sdp::attribute::{Direction, Feedback, Setup, Ssrc};
use patchcord_sdp::{MediaKind, Session};

const CHROMIUM: &str = include_str!("vectors/chromium_offer.sdp");

/// The style of Firefox: session-level fingerprint and direction, no blank in `msid-semantic`,
/// upper case in candidates, a direction for data channels.
const FIREFOX: &str = "v=0\r\n\
    o=mozilla...THIS_IS_SDPARTA-99.0 366472430265920985 0 IN IP4 0.0.0.0\r\n\
    s=-\r\n\
    t=0 0\r\n\
    a=recvonly\r\n\
    a=fingerprint:sha-1 C5:CF:97:A0:A3:49:F8:B9:F8:AA:07:29:08:02:5B:AE:38:D3:01:FE\r\n\
    a=group:BUNDLE 0 1\r\n\
    a=ice-options:trickle\r\n\
    a=msid-semantic:WMS *\r\n\
    m=audio 41086 UDP/TLS/RTP/SAVPF 109 9 101\r\n\
    c=IN IP4 192.0.2.2\r\n\
    a=candidate:0 1 UDP 2122187007 192.0.2.2 41086 typ host\r\n\
    a=candidate:3 2 TCP 2105524479 fd00::2 9 typ host tcptype active\r\n\
    a=sendonly\r\n\
    a=end-of-candidates\r\n\
    a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level\r\n\
    a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n\
    a=fmtp:101 0-15\r\n\
    a=ice-pwd:36e7b0bf718c7733f5302301bcab2b84\r\n\
    a=ice-ufrag:25fbdc1a\r\n\
    a=mid:0\r\n\
    a=msid:{01a78a18-be5b} {1665e742-1bf8}\r\n\
    a=rtcp:49922 IN IP4 192.0.2.2\r\n\
    a=rtcp-mux\r\n\
    a=rtpmap:109 opus/48000/2\r\n\
    a=rtpmap:9 G722/8000/1\r\n\
    a=rtpmap:101 telephone-event/8000\r\n\
    a=setup:actpass\r\n\
    a=ssrc:2093511178 cname:{f59e460b-0273}\r\n\
    m=application 46486 UDP/DTLS/SCTP webrtc-datachannel\r\n\
    c=IN IP4 192.0.2.2\r\n\
    a=mid:1\r\n\
    a=setup:active\r\n\
    a=sctp-port:5000\r\n\
    a=max-message-size:1073741823\r\n";

#[test]
fn what_was_read_is_written() {
    for text in [CHROMIUM, FIREFOX] {
        let session = Session::parse(text).unwrap();
        assert_eq!(session.to_string(), text);
        let mut out = String::from("before ");
        session.write(&mut out);
        assert_eq!(out.strip_prefix("before "), Some(text));
        assert_eq!(session.into_owned().to_string(), text);
    }
}

#[test]
fn line_ends_and_blanks_do_not_matter() {
    let expected = Session::parse(CHROMIUM).unwrap();
    let lf = CHROMIUM.replace('\r', "");
    let spaced = CHROMIUM.replace("a=fingerprint:sha-256 ", "a=fingerprint: sha-256\t  ");
    for text in [&*lf, lf.trim_end(), CHROMIUM.trim_end(), &format!("{lf}\n\r\n"), &spaced] {
        assert_eq!(Session::parse(text).unwrap(), expected);
    }
}

#[test]
fn finds_what_the_media_descriptions_say() {
    let session = Session::parse(CHROMIUM).unwrap();
    let bundle = session.bundle_groups().next().unwrap();
    assert_eq!(bundle.mids, ["0", "1", "2"]);
    assert!(session.extmap_allow_mixed() && !session.ice_lite());

    let kinds: Vec<_> = session.media.iter().map(|media| media.kind.clone()).collect();
    assert_eq!(kinds, [MediaKind::Audio, MediaKind::Video, MediaKind::Application]);
    for section in session.sections() {
        assert!(section.ice_ufrag().is_some() && section.ice_pwd().is_some());
        assert!(section.has_ice_option("trickle") && section.has_ice_option("sped"));
        assert_eq!(section.fingerprints().count(), 1);
        assert_eq!(section.setup(), Some(Setup::ActPass));
        assert_eq!(section.direction(), Direction::SendRecv);
        assert!(section.extmap_allow_mixed());
        assert_eq!(section.media.candidates().count(), 2);
        assert!(!section.media.is_rejected());
    }

    let video = session.section_by_mid("1").unwrap().media;
    let vp8 = video.rtp_maps().find(|map| map.encoding.eq_ignore_ascii_case("vp8")).unwrap();
    assert_eq!((vp8.payload_type.number(), vp8.clock_rate, vp8.channels()), (96, 90_000, 1));
    let feedback = video.rtcp_fbs().filter(|feedback| feedback.covers(vp8.payload_type));
    let feedback: Vec<_> = feedback.map(|found| found.feedback.clone()).collect();
    use Feedback::{AckCcfb, CcmFir, GoogRemb, Nack, NackPli, TransportCc};
    assert_eq!(feedback, [GoogRemb, TransportCc, CcmFir, Nack, NackPli, AckCcfb]);
    let rtx = video.rtp_maps().find(|map| map.encoding == "rtx").unwrap();
    assert_eq!(video.fmtp(rtx.payload_type).and_then(|fmtp| fmtp.parameter("apt")), Some("96"));
    let [media, repair] = *video.ssrc_groups().next().unwrap().ssrcs else { panic!() };
    assert_eq!(video.ssrc_attribute(media, "cname"), video.ssrc_attribute(repair, "cname"));
    assert!(video.ssrc_attribute(media, "cname").is_some());
    assert_eq!(video.ssrc_attribute(Ssrc(0), "cname"), None);

    let data = session.section(2).unwrap().media;
    assert!(data.is_sctp() && !data.is_rtp());
    assert_eq!((data.sctp_port(), data.max_message_size()), (Some(5000), Some(262_144)));
    // RFC 9260 §3.3.2: the chunk's type is 1, its length stands in bytes 2 and 3.
    let chunk = data.sctp_init().unwrap().chunk();
    assert_eq!((chunk[0], usize::from(chunk[3])), (1, chunk.len()));
}

#[test]
fn the_session_speaks_for_media_that_says_nothing() {
    let session = Session::parse(FIREFOX).unwrap();
    let [audio, data] = &*session.sections().collect::<Vec<_>>() else { panic!() };
    assert_eq!(audio.direction(), Direction::SendOnly);
    assert_eq!(data.direction(), Direction::RecvOnly);
    assert_eq!((audio.setup(), data.setup()), (Some(Setup::ActPass), Some(Setup::Active)));
    assert_eq!(
        data.fingerprints().map(|fingerprint| fingerprint.bytes().count()).sum::<usize>(),
        20
    );
    assert!(data.has_ice_option("trickle"));
    assert_eq!(data.ice_ufrag(), None);
    assert!(audio.end_of_candidates() && !data.end_of_candidates());
}
