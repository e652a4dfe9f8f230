//! Any text is harmless; what is built by hand is read as it was built.

extern crate patchcord_sdp as sdp;

use std::fs;
use std::path::Path;

mod exercise;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use exercise::{candidate, description};
use sdp::attribute::{
    CandidateAddress, CandidateKind, ConnectionReuse, Decimal, Direction, Extmap, Feedback,
    Fingerprint, Fmtp, Group, IceOptions, Msid, PayloadType, RelatedAddress, Rid, RidDirection,
    Rtcp, RtcpFb, Rtpmap, SctpInit, Sctpmap, Setup, Simulcast, SimulcastRid, SimulcastStream, Ssrc,
    SsrcAttribute, SsrcGroup, TcpType, UnknownAttribute,
};
use sdp::{
    AddressType, Attribute, Bandwidth, BandwidthKind, Candidate, Connection, Media, MediaKind,
    Origin, Session, Text, Time, Token, protocol,
};

const CHROMIUM: &str = include_str!("vectors/chromium_offer.sdp");

/// A word, of what stands in words.
fn token() -> impl Strategy<Value = Token<'static>> {
    "[!-~]{1,12}".prop_map(Token::from)
}

/// Words of letters and digits, where colons, commas or tildes would have a meaning.
fn plain() -> impl Strategy<Value = Token<'static>> {
    "[a-zA-Z0-9-]{1,8}".prop_map(Token::from)
}

/// Text with neither blank at its ends.
fn text() -> impl Strategy<Value = Text<'static>> {
    "[!-~äß€][ -~äß€]{0,20}[!-~äß€]".prop_map(Text::from)
}

fn payload_type() -> impl Strategy<Value = PayloadType> {
    (0_u8..128).prop_filter_map("seven bits", PayloadType::new)
}

fn address() -> impl Strategy<Value = CandidateAddress<'static>> {
    prop_oneof![
        any::<std::net::IpAddr>().prop_map(CandidateAddress::Ip),
        "[a-f0-9-]{8}\\.local".prop_map(|name| CandidateAddress::Name(name.into())),
    ]
}

fn connection() -> impl Strategy<Value = Connection<'static>> {
    let address_type = select(vec![AddressType::Ip4, AddressType::Ip6]);
    (address_type, token()).prop_map(|(address_type, address)| Connection { address_type, address })
}

fn any_candidate() -> impl Strategy<Value = Candidate<'static>> {
    let kind = select(vec![
        CandidateKind::Host,
        CandidateKind::ServerReflexive,
        CandidateKind::PeerReflexive,
        CandidateKind::Relayed,
        CandidateKind::Other("future".into()),
    ]);
    let related = option::of((address(), any::<u16>()))
        .prop_map(|related| related.map(|(address, port)| RelatedAddress { address, port }));
    let types = vec![TcpType::Active, TcpType::Passive, TcpType::SimultaneousOpen];
    let tcp_type = option::of(select(types));
    let extensions = select(vec!["", "generation 0", "generation 0 network-id 1", "odd"]);
    (
        (token(), 1_u16..=256, plain(), any::<u32>(), address(), any::<u16>()),
        (kind, related, tcp_type, extensions),
    )
        .prop_map(|(place, (kind, related, tcp_type, extensions))| {
            let (foundation, component, transport, priority, address, port) = place;
            let extensions = extensions.into();
            Candidate {
                foundation,
                component,
                transport,
                priority,
                address,
                port,
                kind,
                related,
                tcp_type,
                extensions,
            }
        })
}

fn flag() -> impl Strategy<Value = Attribute<'static>> {
    select(vec![
        Attribute::RtcpMux,
        Attribute::RtcpMuxOnly,
        Attribute::RtcpRsize,
        Attribute::ExtmapAllowMixed,
        Attribute::EndOfCandidates,
        Attribute::BundleOnly,
        Attribute::IceLite,
        Attribute::IceMismatch,
        Attribute::Cryptex,
        Attribute::Connection(ConnectionReuse::New),
        Attribute::Connection(ConnectionReuse::Existing),
        Direction::SendRecv.into(),
        Direction::SendOnly.into(),
        Direction::RecvOnly.into(),
        Direction::Inactive.into(),
        Setup::Active.into(),
        Setup::Passive.into(),
        Setup::ActPass.into(),
        Setup::HoldConn.into(),
        Attribute::UnknownLine("y=of the future".into()),
    ])
}

/// Attributes of transports.
fn transport() -> impl Strategy<Value = Attribute<'static>> {
    let hash = vec(any::<u8>(), 32);
    prop_oneof![
        any_candidate().prop_map(Attribute::from),
        token().prop_map(Attribute::Mid),
        token().prop_map(Attribute::IceUfrag),
        token().prop_map(Attribute::IcePwd),
        token().prop_map(Attribute::TlsId),
        text().prop_map(Attribute::Identity),
        text().prop_map(Attribute::RemoteCandidates),
        (0_u64..=9_999_999_999).prop_map(Attribute::IcePacing),
        vec(token(), 1..4).prop_map(|options| IceOptions { options }.into()),
        hash.prop_map(|digest| Fingerprint::new("sha-256", &digest).into()),
        (token(), vec(token(), 0..4))
            .prop_map(|(semantics, mids)| Group { semantics, mids }.into()),
        any::<u16>().prop_map(Attribute::SctpPort),
        any::<u64>().prop_map(Attribute::MaxMessageSize),
        vec(any::<u8>(), 1..40).prop_map(|chunk| SctpInit::new(&chunk).into()),
        (any::<u16>(), token(), option::of(any::<u16>()))
            .prop_map(|(port, protocol, streams)| Sctpmap { port, protocol, streams }.into()),
        (any::<u16>(), option::of(connection()))
            .prop_map(|(port, address)| Rtcp { port, address }.into()),
    ]
}

/// Attributes of media.
fn media_attribute() -> impl Strategy<Value = Attribute<'static>> {
    let directions = select(vec![RidDirection::Send, RidDirection::Recv]);
    let restrictions = select(vec!["", "pt=97", "pt=97,98;max-width=1280"]).prop_map(Text::from);
    let extmap_direction = option::of(select(vec![Direction::SendOnly, Direction::RecvOnly]));
    let feedback = select(vec![
        Feedback::Nack,
        Feedback::NackPli,
        Feedback::CcmFir,
        Feedback::AckCcfb,
        Feedback::TransportCc,
        Feedback::MinimumInterval(100),
        Feedback::Other("ccm vbcm 1 2".into()),
    ]);
    prop_oneof![
        (payload_type(), plain(), any::<u32>(), option::of(plain())).prop_map(
            |(payload_type, encoding, clock_rate, parameters)| {
                Rtpmap { payload_type, encoding, clock_rate, parameters }.into()
            }
        ),
        (payload_type(), text()).prop_map(|(pt, parameters)| Fmtp::new(pt, parameters).into()),
        (option::of(payload_type()), feedback).prop_map(|(payload_type, feedback)| RtcpFb {
            payload_type,
            feedback
        }
        .into()),
        (1_u16..=4351, extmap_direction, token(), option::of(text())).prop_map(
            |(id, direction, uri, attributes)| Extmap { id, direction, uri, attributes }.into()
        ),
        (token(), option::of(token())).prop_map(|(stream, track)| Msid { stream, track }.into()),
        (any::<u32>(), plain(), option::of(text())).prop_map(|(ssrc, name, value)| SsrcAttribute {
            ssrc: Ssrc(ssrc),
            name,
            value
        }
        .into()),
        (plain(), vec(any::<u32>().prop_map(Ssrc), 0..4))
            .prop_map(|(semantics, ssrcs)| SsrcGroup { semantics, ssrcs }.into()),
        (plain(), directions, restrictions).prop_map(|(id, direction, restrictions)| Rid {
            id,
            direction,
            restrictions
        }
        .into()),
        simulcast().prop_map(Attribute::from),
        (1_u32..200).prop_map(|time| Attribute::Ptime(Decimal::from(time))),
        (1_u32..200).prop_map(|time| Attribute::Maxptime(Decimal::from(time))),
        text().prop_map(Attribute::Imageattr),
        text().prop_map(Attribute::RtcpXr),
        ("x-[a-z]{1,8}", option::of(text())).prop_map(|(name, value)| {
            Attribute::Unknown(UnknownAttribute { name: name.into(), value })
        }),
    ]
}

fn streams() -> impl Strategy<Value = Vec<SimulcastStream<'static>>> {
    let rid = (plain(), any::<bool>()).prop_map(|(id, paused)| SimulcastRid { id, paused });
    vec(vec(rid, 1..3).prop_map(|alternatives| SimulcastStream { alternatives }), 0..4)
}

fn simulcast() -> impl Strategy<Value = Simulcast<'static>> {
    (streams(), streams())
        .prop_map(|(send, recv)| Simulcast { send, recv })
        .prop_filter("one way at least", |both| !both.send.is_empty() || !both.recv.is_empty())
}

fn attributes() -> impl Strategy<Value = Vec<Attribute<'static>>> {
    vec(prop_oneof![flag(), transport(), media_attribute()], 0..12)
}

fn bandwidth() -> impl Strategy<Value = Bandwidth<'static>> {
    let kind = select(vec![
        BandwidthKind::ApplicationSpecific,
        BandwidthKind::ConferenceTotal,
        BandwidthKind::TransportIndependent,
        BandwidthKind::RtcpReceivers,
        BandwidthKind::RtcpSenders,
        BandwidthKind::Other("X-NEW".into()),
    ]);
    (kind, any::<u64>()).prop_map(|(kind, value)| Bandwidth { kind, value })
}

prop_compose! {
    fn media()(
        kind in select(vec![
            MediaKind::Audio, MediaKind::Video, MediaKind::Application, MediaKind::Other("text".into()),
        ]),
        port in any::<u16>(),
        port_count in option::of(any::<u16>()),
        formats in vec(payload_type(), 1..4),
        information in option::of(text()),
        connections in vec(connection(), 0..2),
        bandwidth in vec(bandwidth(), 0..2),
        key in option::of(text()),
        attributes in attributes(),
    ) -> Media<'static> {
        let formats = formats.into_iter().map(|format| format.to_string().into()).collect();
        let new = Media::new(kind, protocol::RTP);
        Media { port, port_count, formats, information, connections, bandwidth, key, attributes, ..new }
    }
}

prop_compose! {
    fn session()(
        (username, session_id, session_version) in (token(), any::<u64>(), any::<u64>()),
        address in connection(),
        name in text(),
        (information, uri, key) in (option::of(text()), option::of(text()), option::of(text())),
        (emails, phones) in (vec(text(), 0..2), vec(text(), 0..2)),
        connection in option::of(connection()),
        bandwidth in vec(bandwidth(), 0..2),
        times in vec((any::<u64>(), any::<u64>(), vec(text(), 0..2), option::of(text())), 0..2),
        attributes in attributes(),
        media in vec(media(), 0..3),
    ) -> Session<'static> {
        let times = times.into_iter();
        Session {
            origin: Origin { username, address, ..Origin::anonymous(session_id, session_version) },
            times: times
                .map(|(start, stop, repeats, zone)| Time { start, stop, repeats, zone })
                .collect(),
            name, information, uri, emails, phones, connection, bandwidth, key, attributes, media,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_built_is_read_as_it_was_built(session in session()) {
        let text = session.to_string();
        let parsed = Session::parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&parsed, &session);
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn any_text_is_harmless(text in "(?s).{0,200}") {
        description::exercise(&text);
        candidate::exercise(&text);
    }

    #[test]
    fn any_lines_are_harmless(lines in vec("[vosiuepcbtrzkamf]=[ -~\t]{0,40}", 0..20)) {
        description::exercise(&format!("v=0\no=- 1 1 IN IP4 0\ns=-\n{}", lines.join("\n")));
    }

    #[test]
    fn any_value_of_any_attribute_is_harmless(
        at in 0..209_usize,
        value in "[ -~\t]{0,30}",
        cut in 0..40_usize,
    ) {
        let mut lines: Vec<String> = CHROMIUM.lines().map(str::to_owned).collect();
        let keep = cut.min(lines[at].len());
        lines[at].truncate(keep);
        lines[at].push_str(&value);
        description::exercise(&lines.join("\r\n"));
    }

    #[test]
    fn any_change_of_a_candidate_is_harmless(at in 0..80_usize, with in "[ -~]{0,6}") {
        let text = "candidate:1 1 tcp 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 9 tcptype so x y";
        candidate::exercise(&format!("{}{with}{}", &text[..at], &text[at..]));
        candidate::exercise(&format!("{}{with}", &text[..at]));
    }
}

#[test]
fn the_inputs_of_the_fuzzer_are_harmless() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for target in ["sdp", "candidate"] {
        let Ok(folder) = fs::read_dir(corpus.join(target)) else {
            println!("skipped: the fuzzer's corpus is not part of the published crate");
            return;
        };
        for file in folder {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            description::exercise(&text);
            candidate::exercise(&text);
        }
    }
}
