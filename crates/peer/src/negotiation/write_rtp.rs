//! The media of one section as we write it, RFC 9429 §5.2.1 and §5.3.1.

use core::net::{IpAddr, Ipv4Addr};

use rtp::{PayloadType, Ssrc};
use sdp::attribute::{
    self, Extmap, Fmtp, Rid, RidDirection, Rtcp, RtcpFb, Rtpmap, Simulcast, SimulcastRid,
    SimulcastStream, SsrcAttribute, SsrcGroup,
};
use sdp::{Attribute, Connection, Media};

use super::section::{Encodings, Msid, Rtp};
use crate::media::{Codec, Feedback, LocalSource};

/// Appends what stands in the section beside the transport and `a=mid`.
pub(super) fn write_rtp<'a>(rtp: &'a Rtp, cname: &'a str, media: &mut Media<'a>) {
    let unspecified = Connection::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    media.push(Rtcp { port: 9, address: Some(unspecified) });
    for extension in &rtp.extensions {
        let extmap = Extmap::new(extension.id.into(), extension.kind.uri());
        media.push(Extmap { direction: extension.direction, ..extmap });
    }
    media.push(rtp.direction);
    if let Some(msid) = &rtp.msid {
        write_msid(msid, media);
    }
    media.push(Attribute::RtcpMux);
    if rtp.reduced_size {
        media.push(Attribute::RtcpRsize);
    }
    for codec in &*rtp.codecs {
        write_codec(codec, media);
    }
    write_encodings(&rtp.encodings, media);
    // Like `a=msid` they stay, once said, while nothing is sent: Chromium shows no picture of a
    // stream that went from the description and came back with the same number.
    if let (Some(_), Some(source)) = (&rtp.msid, rtp.source) {
        write_source(rtp, source, cname, media);
    }
}

/// RFC 8830 §2; `-` for no stream (RFC 9429 §5.2.1).
fn write_msid<'a>(msid: &'a Msid, media: &mut Media<'a>) {
    let track = || Some(msid.track.as_str().into());
    if msid.streams.is_empty() {
        media.push(attribute::Msid { stream: "-".into(), track: track() });
    }
    for stream in &msid.streams {
        media.push(attribute::Msid { stream: stream.as_str().into(), track: track() });
    }
}

fn write_codec<'a>(codec: &'a Codec, media: &mut Media<'a>) {
    let Some(payload_type) = number(codec.payload_type) else { return };
    let channels = (codec.channels > 1).then(|| codec.channels.to_string().into());
    let map = |payload_type, encoding: &'a str, parameters| Rtpmap {
        payload_type,
        encoding: encoding.into(),
        clock_rate: codec.clock_rate,
        parameters,
    };
    media.push(map(payload_type, &codec.name, channels));
    for feedback in feedback(codec.feedback) {
        media.push(RtcpFb { payload_type: Some(payload_type), feedback });
    }
    if !codec.parameters.is_empty() {
        media.push(Fmtp::new(payload_type, codec.parameters.as_str()));
    }
    if let Some(rtx) = codec.rtx.and_then(number) {
        media.push(map(rtx, "rtx", None));
        media.push(Fmtp::new(rtx, format!("apt={payload_type}")));
    }
}

fn feedback(feedback: Feedback) -> impl Iterator<Item = attribute::Feedback<'static>> {
    let lines = [
        (feedback.remb, attribute::Feedback::GoogRemb),
        (feedback.transport_cc, attribute::Feedback::TransportCc),
        (feedback.fir, attribute::Feedback::CcmFir),
        (feedback.nack, attribute::Feedback::Nack),
        (feedback.pli, attribute::Feedback::NackPli),
    ];
    lines.into_iter().filter(|(understood, _)| *understood).map(|(_, line)| line)
}

fn write_encodings<'a>(encodings: &'a Encodings, media: &mut Media<'a>) {
    for encoding in &encodings.rids {
        let rid = Rid::new(encoding.id.as_str(), RidDirection::Recv);
        media.push(Rid { restrictions: encoding.restrictions.as_str().into(), ..rid });
    }
    let streams = encodings.simulcast.iter().map(|stream| SimulcastStream {
        alternatives: stream
            .iter()
            .map(|id| SimulcastRid { id: id.as_str().into(), paused: false })
            .collect(),
    });
    if !encodings.simulcast.is_empty() {
        media.push(Simulcast { send: Vec::new(), recv: streams.collect() });
    }
}

/// RFC 5576 §4.1: our stream, and the one that repairs it.
fn write_source<'a>(rtp: &'a Rtp, source: LocalSource, cname: &'a str, media: &mut Media<'a>) {
    let rtx = rtp.codecs.iter().any(|codec| codec.rtx.is_some()).then_some(source.rtx);
    let ssrcs = || [Some(source.ssrc), rtx].into_iter().flatten().map(|Ssrc(n)| attribute::Ssrc(n));
    if rtx.is_some() {
        media.push(SsrcGroup { semantics: "FID".into(), ssrcs: ssrcs().collect() });
    }
    for ssrc in ssrcs() {
        media.push(SsrcAttribute::cname(ssrc, cname));
        if let Some(msid) = &rtp.msid {
            let stream = msid.streams.first().map_or("-", String::as_str);
            let value = format!("{stream} {}", msid.track);
            media.push(SsrcAttribute { ssrc, name: "msid".into(), value: Some(value.into()) });
        }
    }
}

fn number(payload_type: PayloadType) -> Option<attribute::PayloadType> {
    attribute::PayloadType::new(payload_type.get())
}
