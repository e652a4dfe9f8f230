//! What the other side says about the media of one section.

use rtp::extension::Kind;
use rtp::{PayloadType, Ssrc};
use sdp::attribute::{self, Direction, RidDirection, Rtpmap};
use sdp::{Media, Section as Description};

use super::error::NegotiationError;
use super::section::{Encoding, Encodings, Extension};
use crate::media::{
    Codec, Feedback, MediaKind, RemoteSource, carries_media, is_same, static_payload_type,
};

/// Sound or pictures, as the other side describes it.
#[derive(Clone, Debug)]
pub(crate) struct RemoteRtp {
    pub(super) kind: MediaKind,
    /// Seen from the other side.
    pub(super) direction: Direction,
    pub(super) codecs: Vec<Codec>,
    pub(super) extensions: Vec<Extension>,
    pub(super) rtcp_mux: bool,
    pub(super) reduced_size: bool,
    pub(super) streams: Vec<String>,
    pub(super) track: Option<String>,
    pub(super) sources: Vec<RemoteSource>,
    /// What it sends.
    pub(super) encodings: Encodings,
}

/// Sound or pictures over DTLS-SRTP. RFC 9429 §5.1.2: however the profile is called.
pub(super) fn is_media(media: &Media<'_>) -> bool {
    kind(media).is_some() && media.protocol.contains("RTP/SAVP")
}

fn kind(media: &Media<'_>) -> Option<MediaKind> {
    match media.kind {
        sdp::MediaKind::Audio => Some(MediaKind::Audio),
        sdp::MediaKind::Video => Some(MediaKind::Video),
        _ => None,
    }
}

impl RemoteRtp {
    /// `None`: neither sound nor pictures.
    pub(super) fn read(section: Description<'_, '_>) -> Option<Self> {
        let media = section.media;
        let kind = kind(media)?;
        let (streams, track) = read_msid(media);
        Some(Self {
            kind,
            direction: section.direction(),
            codecs: read_codecs(media, kind),
            extensions: read_extensions(section),
            rtcp_mux: media.rtcp_mux(),
            reduced_size: media.rtcp_rsize(),
            streams,
            track,
            sources: read_sources(media),
            encodings: read_encodings(media),
        })
    }

    /// RFC 3264 §6.1: an answer accepts at least one of the formats.
    pub(super) fn check_answer(
        &self,
        offered: &[Codec],
        index: usize,
    ) -> Result<(), NegotiationError> {
        let accepted = |codec: &&Codec| agreed(codec, &self.codecs).is_some();
        if !self.rtcp_mux {
            let what = "an answer without rtcp-mux";
            Err(NegotiationError::Unacceptable { index, what })
        } else if !offered.iter().filter(accepted).any(carries_media) {
            let what = "an answer without a codec of the offer";
            Err(NegotiationError::Unacceptable { index, what })
        } else {
            Ok(())
        }
    }
}

/// The codec of an answer that accepts this one of the offer. Its number is that of the offer
/// (RFC 3264 §6.1 asks for it where it can be).
pub(super) fn agreed<'a>(offered: &Codec, answer: &'a [Codec]) -> Option<&'a Codec> {
    let accepts = |c: &&Codec| c.payload_type == offered.payload_type && is_same(c, offered);
    answer.iter().find(accepts)
}

fn read_codecs(media: &Media<'_>, kind: MediaKind) -> Vec<Codec> {
    let mut codecs: Vec<Codec> = Vec::new();
    for number in media.payload_types() {
        let payload_type = PayloadType::from_low_bits(number.number());
        let mapped = media.rtp_map(number).map(|map| from_map(map, kind));
        let codec = mapped.or_else(|| static_payload_type(payload_type)).filter(|c| c.kind == kind);
        let Some(mut codec) = codec else { continue };
        if codec.name.eq_ignore_ascii_case("rtx") || codecs.iter().any(|c| is_twin(c, &codec)) {
            continue;
        }
        codec.parameters = media.fmtp(number).map(|f| f.parameters.to_string()).unwrap_or_default();
        codec.feedback = read_feedback(media, number);
        codec.rtx = read_rtx(media, number, codec.clock_rate);
        codecs.push(codec);
    }
    codecs
}

fn is_twin(a: &Codec, b: &Codec) -> bool {
    a.payload_type == b.payload_type
}

fn from_map(map: &Rtpmap<'_>, kind: MediaKind) -> Codec {
    Codec {
        kind,
        payload_type: PayloadType::from_low_bits(map.payload_type.number()),
        name: map.encoding.to_string(),
        clock_rate: map.clock_rate,
        channels: map.channels(),
        parameters: String::new(),
        feedback: Feedback::default(),
        rtx: None,
    }
}

fn read_feedback(media: &Media<'_>, number: attribute::PayloadType) -> Feedback {
    let mut feedback = Feedback::default();
    for line in media.rtcp_fbs().filter(|line| line.covers(number)) {
        match line.feedback {
            attribute::Feedback::Nack => feedback.nack = true,
            attribute::Feedback::NackPli => feedback.pli = true,
            attribute::Feedback::CcmFir => feedback.fir = true,
            attribute::Feedback::GoogRemb => feedback.remb = true,
            attribute::Feedback::TransportCc => feedback.transport_cc = true,
            _ => {}
        }
    }
    feedback
}

/// RFC 4588 §8.1: `apt` names what is retransmitted.
fn read_rtx(
    media: &Media<'_>,
    number: attribute::PayloadType,
    clock_rate: u32,
) -> Option<PayloadType> {
    let repairs = |map: &&Rtpmap<'_>| {
        let apt = media.fmtp(map.payload_type).and_then(|fmtp| fmtp.parameter("apt"));
        map.encoding.eq_ignore_ascii_case("rtx")
            && map.clock_rate == clock_rate
            && apt.and_then(|apt| apt.parse().ok()) == Some(number.number())
    };
    let map = media.rtp_maps().find(repairs)?;
    let listed = media.payload_types().any(|listed| listed == map.payload_type);
    listed.then(|| PayloadType::from_low_bits(map.payload_type.number()))
}

/// Those that have a name here and an id that fits a packet. Neither id nor kind comes twice.
fn read_extensions(section: Description<'_, '_>) -> Vec<Extension> {
    let mut extensions: Vec<Extension> = Vec::new();
    for extmap in section.extmaps() {
        let (Ok(id), Some(kind)) = (u8::try_from(extmap.id), Kind::from_uri(&extmap.uri)) else {
            continue;
        };
        if id != 15 && !extensions.iter().any(|known| known.id == id || known.kind == kind) {
            extensions.push(Extension { id, kind, direction: extmap.direction });
        }
    }
    extensions
}

/// Streams and track of `a=msid`, or of the drafts before it, which had them in `a=ssrc`.
fn read_msid(media: &Media<'_>) -> (Vec<String>, Option<String>) {
    let (mut streams, mut track) = (Vec::new(), None);
    let mut add = |stream: &str, id: Option<&str>| {
        // RFC 9429 §5.2.1: `-` stands for no stream.
        if stream != "-" && !streams.iter().any(|known| known == stream) {
            streams.push(stream.to_owned());
        }
        track = track.take().or(id.map(str::to_owned));
    };
    for msid in media.msids() {
        add(&msid.stream, msid.track.as_deref());
    }
    if media.msids().next().is_none() {
        let values = media.ssrcs().filter(|s| s.name == "msid").filter_map(|s| s.value.as_deref());
        for value in values {
            let mut words = value.split_ascii_whitespace();
            if let Some(stream) = words.next() {
                add(stream, words.next());
            }
        }
    }
    (streams, track)
}

/// The streams that carry media, each with the one that repairs it. Those of error correction are
/// left out.
fn read_sources(media: &Media<'_>) -> Vec<RemoteSource> {
    let groups = || media.ssrc_groups();
    let second = |semantics: &'static str| {
        groups().filter(move |g| g.semantics == semantics).filter_map(|g| g.ssrcs.get(1))
    };
    let mut sources: Vec<RemoteSource> = Vec::new();
    let listed = groups().flat_map(|g| &g.ssrcs).chain(media.ssrcs().map(|line| &line.ssrc));
    for ssrc in listed {
        let repairs = second("FID").chain(second("FEC-FR")).any(|repair| repair == ssrc);
        if repairs || sources.iter().any(|known| known.ssrc.0 == ssrc.0) {
            continue;
        }
        let group = groups().find(|g| g.semantics == "FID" && g.ssrcs.first() == Some(ssrc));
        let rtx = group.and_then(|g| g.ssrcs.get(1)).map(|ssrc| Ssrc(ssrc.0));
        sources.push(RemoteSource { ssrc: Ssrc(ssrc.0), rtx });
    }
    sources
}

/// The encodings that the other side sends; what `a=simulcast` says of others is left out
/// (RFC 8853 §5.2).
fn read_encodings(media: &Media<'_>) -> Encodings {
    let mut rids: Vec<Encoding> = Vec::new();
    for rid in media.rids().filter(|rid| rid.direction == RidDirection::Send) {
        if !rids.iter().any(|known| known.id == *rid.id) {
            rids.push(Encoding {
                id: rid.id.to_string(),
                restrictions: rid.restrictions.to_string(),
            });
        }
    }
    let streams = media.simulcast().map(|s| s.send.as_slice()).unwrap_or_default();
    let simulcast = streams.iter().map(|stream| {
        let ids = stream.alternatives.iter().map(|alternative| alternative.id.to_string());
        ids.filter(|id| rids.iter().any(|rid| rid.id == *id)).collect::<Vec<_>>()
    });
    let simulcast = simulcast.filter(|stream| !stream.is_empty()).collect();
    Encodings { rids, simulcast }
}
