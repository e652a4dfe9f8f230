//! What the other side says about the media of one section.

use rtp::extension::Kind;
use rtp::{PayloadType, Ssrc};
use sdp::attribute::{self, Direction, Fmtp, RidDirection, RtcpFb, Rtpmap};
use sdp::{Media, Section as Description};

use super::error::NegotiationError;
use super::section::{Encoding, Encodings, Extension};
use crate::media::{Codec, Feedback, MediaKind, RemoteSource, carries_media, static_payload_type};

/// Streams, sources and encodings of one section that are taken note of: more than any peer has.
const MAX_LISTED: usize = 64;

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
    let accepts = |c: &&Codec| c.payload_type == offered.payload_type && c.is_same_format(offered);
    answer.iter().find(accepts)
}

/// What a section says of each payload type.
struct Formats<'m, 'a> {
    media: &'m Media<'a>,
    maps: [Option<&'m Rtpmap<'a>>; PayloadType::COUNT],
    parameters: [Option<&'m Fmtp<'a>>; PayloadType::COUNT],
    listed: [bool; PayloadType::COUNT],
}

impl<'m, 'a> Formats<'m, 'a> {
    fn new(media: &'m Media<'a>) -> Self {
        let mut formats = Self {
            media,
            maps: [None; PayloadType::COUNT],
            parameters: [None; PayloadType::COUNT],
            listed: [false; PayloadType::COUNT],
        };
        for number in media.payload_types() {
            if let Some(listed) = formats.listed.get_mut(usize::from(number.number())) {
                *listed = true;
            }
        }
        for map in media.rtp_maps() {
            if let Some(slot) = formats.maps.get_mut(usize::from(map.payload_type.number())) {
                slot.get_or_insert(map);
            }
        }
        for fmtp in media.fmtps() {
            let number = fmtp.payload_type().map(|number| usize::from(number.number()));
            if let Some(slot) = number.and_then(|number| formats.parameters.get_mut(number)) {
                slot.get_or_insert(fmtp);
            }
        }
        formats
    }

    fn codec(&self, kind: MediaKind, number: PayloadType) -> Option<Codec> {
        let mut codec = match self.maps.get(number.index()).copied().flatten() {
            Some(map) => Codec {
                kind,
                payload_type: number,
                name: map.encoding.to_string(),
                clock_rate: map.clock_rate,
                channels: map.channels(),
                parameters: String::new(),
                feedback: Feedback::default(),
                rtx: None,
            },
            None => static_payload_type(number).filter(|codec| codec.kind == kind)?,
        };
        if codec.name.eq_ignore_ascii_case("rtx") {
            return None;
        }
        let parameters = self.parameters.get(number.index()).copied().flatten();
        codec.parameters = parameters.map(|fmtp| fmtp.parameters.to_string()).unwrap_or_default();
        codec.feedback = self.feedback(number);
        codec.rtx = self.rtx(number, codec.clock_rate);
        Some(codec)
    }

    fn feedback(&self, number: PayloadType) -> Feedback {
        let mut feedback = Feedback::default();
        let covers = |line: &&RtcpFb<'_>| {
            line.payload_type.is_none_or(|covered| covered.number() == number.get())
        };
        for line in self.media.rtcp_fbs().filter(covers) {
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
    fn rtx(&self, number: PayloadType, clock_rate: u32) -> Option<PayloadType> {
        let repairs = |rtx: &PayloadType| {
            let map = self.maps.get(rtx.index()).copied().flatten();
            let map = map.filter(|m| m.encoding.eq_ignore_ascii_case("rtx"));
            let parameters = self.parameters.get(rtx.index()).copied().flatten();
            let apt = parameters.and_then(|fmtp| fmtp.parameter("apt")?.parse().ok());
            map.is_some_and(|m| m.clock_rate == clock_rate) && apt == Some(number.get())
        };
        self.numbers().find(repairs)
    }

    /// The payload types of the m= line.
    fn numbers(&self) -> impl Iterator<Item = PayloadType> {
        let listed = |n: &PayloadType| self.listed.get(n.index()) == Some(&true);
        (0..=u8::MAX).filter_map(PayloadType::new).filter(listed)
    }
}

/// In their order; each payload type once.
fn read_codecs(media: &Media<'_>, kind: MediaKind) -> Vec<Codec> {
    let formats = Formats::new(media);
    let mut unread = formats.listed;
    let mut codecs = Vec::new();
    for number in media.payload_types() {
        let number = PayloadType::from_low_bits(number.number());
        let first = unread.get_mut(number.index()).is_some_and(core::mem::take);
        codecs.extend(first.then(|| formats.codec(kind, number)).flatten());
    }
    codecs
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
        if stream != "-"
            && streams.len() < MAX_LISTED
            && !streams.iter().any(|known| known == stream)
        {
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
    let pairs = |semantics: &'static str| {
        let groups = media.ssrc_groups().filter(move |group| group.semantics == semantics);
        let pairs = groups.filter_map(|group| Some((*group.ssrcs.first()?, *group.ssrcs.get(1)?)));
        pairs.take(MAX_LISTED).collect::<Vec<_>>()
    };
    let (repaired, corrected) = (pairs("FID"), pairs("FEC-FR"));
    let mut sources: Vec<RemoteSource> = Vec::new();
    let grouped = media.ssrc_groups().flat_map(|group| &group.ssrcs);
    for ssrc in grouped.chain(media.ssrcs().map(|line| &line.ssrc)) {
        let repairs = repaired.iter().chain(&corrected).any(|(_, second)| second == ssrc);
        let known = sources.iter().any(|known| known.ssrc.0 == ssrc.0);
        if !repairs && !known && sources.len() < MAX_LISTED {
            let pair = repaired.iter().find(|(first, _)| first == ssrc);
            let rtx = pair.map(|(_, second)| Ssrc(second.0));
            sources.push(RemoteSource { ssrc: Ssrc(ssrc.0), rtx });
        }
    }
    sources
}

/// The encodings that the other side sends; what `a=simulcast` says of others is left out
/// (RFC 8853 §5.2).
fn read_encodings(media: &Media<'_>) -> Encodings {
    let mut rids: Vec<Encoding> = Vec::new();
    for rid in media.rids().filter(|rid| rid.direction == RidDirection::Send) {
        if rids.len() < MAX_LISTED && !rids.iter().any(|known| known.id == *rid.id) {
            rids.push(Encoding {
                id: rid.id.to_string(),
                restrictions: rid.restrictions.to_string(),
            });
        }
    }
    let streams = media.simulcast().map(|s| s.send.as_slice()).unwrap_or_default();
    let simulcast = streams.iter().take(MAX_LISTED).map(|stream| {
        let ids = stream
            .alternatives
            .iter()
            .take(MAX_LISTED)
            .map(|alternative| alternative.id.to_string());
        ids.filter(|id| rids.iter().any(|rid| rid.id == *id)).collect::<Vec<_>>()
    });
    let simulcast = simulcast.filter(|stream| !stream.is_empty()).collect();
    Encodings { rids, simulcast }
}
