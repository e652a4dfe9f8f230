//! What we offer, RFC 9429 §5.2: each transceiver has a section, sections keep their place, and
//! those that were rejected are used again.

use std::collections::VecDeque;
use std::sync::Arc;

use sdp::attribute::{Direction, Setup};
use sdp::protocol;

use super::section::{Content, Extension, Line, Msid, Rtp, Section};
use super::write::Local;
use crate::connection::PeerConnection;
use crate::description::SdpType;
use crate::media::{Codec, Numbers, Transceiver};

/// The format of a data section, RFC 8841 §4.3.
pub(super) const DATA_FORMAT: &str = "webrtc-datachannel";

impl PeerConnection {
    /// An offer of all that is there and wanted.
    pub(super) fn build_offer(&mut self, restart: Option<ice::Credentials>) -> Local {
        let version = self.negotiation.next_version();
        let negotiation = &self.negotiation;
        let agreed = negotiation.agreed.as_slice();
        let outstanding = negotiation.pending_local.as_ref().map(|l| l.sections.as_slice());
        let mut sections = outstanding.unwrap_or(agreed).to_vec();
        let mut numbers = Numbers::default();
        for rtp in agreed.iter().chain(&sections).filter_map(Section::rtp) {
            numbers.keep(rtp);
        }
        let mut names = Names::new(negotiation.next_mid, &sections);
        let placed = |t: &&Transceiver| sections.iter().any(|s| s.transceiver() == Some(t.id));
        let waiting = self.transceivers.iter().filter(|t| !t.stopped && !placed(t));
        let mut waiting: VecDeque<&Transceiver> = waiting.collect();
        for (index, section) in sections.iter_mut().enumerate() {
            // RFC 9429 §5.2.2: with port 0 in the current descriptions.
            let recyclable = agreed.get(index).is_some_and(Section::is_rejected);
            *section = match &section.content {
                Content::Data => continue,
                Content::Rtp(rtp) => match self.transceiver(rtp.transceiver) {
                    Some(t) if !t.stopped => {
                        self.offered(t, section.mid.clone(), Some(rtp), &mut numbers)
                    }
                    _ => section.rejected(),
                },
                Content::Rejected if !recyclable => continue,
                Content::Rejected => match waiting.pop_front() {
                    Some(t) => self.offered(t, Some(names.next()), None, &mut numbers),
                    None => continue,
                },
            };
        }
        for t in waiting {
            sections.push(self.offered(t, Some(names.next()), None, &mut numbers));
        }
        if negotiation.wants_data && !sections.iter().any(Section::is_data) {
            sections.push(Section {
                mid: Some(names.next()),
                line: Line {
                    media: "application".into(),
                    protocol: protocol::SCTP.into(),
                    formats: DATA_FORMAT.into(),
                },
                content: Content::Data,
            });
        }
        sections.shrink_to_fit();
        let init = self.offered_init(&sections);
        Local {
            kind: SdpType::Offer,
            version,
            sections,
            setup: Setup::ActPass,
            bundle: true,
            mixed: true,
            sped: self.offered_sped(),
            restart,
            init,
        }
    }

    /// The section of a transceiver; `before` is what it says by now.
    fn offered(
        &self,
        transceiver: &Transceiver,
        mid: Option<String>,
        before: Option<&Rtp>,
        numbers: &mut Numbers,
    ) -> Section {
        let codecs = self.offered_codecs(transceiver, before, numbers);
        let mut extensions = before.map(|rtp| rtp.extensions.clone()).unwrap_or_default();
        for extension in &mut extensions {
            extension.direction = None;
        }
        for kind in self.config.header_extensions.of(transceiver.kind) {
            if !extensions.iter().any(|known| known.kind == *kind)
                && let Some(id) = numbers.extension(*kind)
            {
                extensions.push(Extension { id, kind: *kind, direction: None });
            }
        }
        let said = before.is_some_and(|rtp| rtp.msid.is_some());
        Section {
            mid,
            line: Line {
                media: transceiver.kind.to_string(),
                protocol: protocol::RTP.into(),
                formats: formats(&codecs),
            },
            content: Content::Rtp(Box::new(Rtp {
                transceiver: transceiver.id,
                kind: transceiver.kind,
                direction: transceiver.direction,
                codecs,
                extensions,
                reduced_size: true,
                msid: msid(transceiver, transceiver.direction, said),
                source: self.media.local_source(transceiver.id),
                encodings: before.map(|rtp| rtp.encodings.clone()).unwrap_or_default(),
            })),
        }
    }

    /// In the order of the preferences; without any, those of the last answer first.
    fn offered_codecs(
        &self,
        transceiver: &Transceiver,
        before: Option<&Rtp>,
        numbers: &mut Numbers,
    ) -> Arc<[Codec]> {
        let wanted = self.preferred_codecs(transceiver);
        let before = before.map(|rtp| &*rtp.codecs).unwrap_or_default();
        let mut order: Vec<&Codec> = wanted.clone();
        if transceiver.record.preferences.is_empty() {
            let rank = |codec: &&Codec| before.iter().position(|known| known.is_same_format(codec));
            order.sort_by_key(|codec| rank(codec).unwrap_or(usize::MAX));
        }
        let mut offered: Vec<(&Codec, Codec)> = Vec::new();
        for codec in order {
            let kept = before.iter().find(|known| known.is_same_format(codec));
            let numbered = numbers.codec(codec, kept.map(|known| known.payload_type));
            let parameters = kept.map_or(&codec.parameters, |known| &known.parameters).clone();
            let numbered = numbered.map(|numbered| Codec { parameters, ..numbered });
            offered.extend(numbered.map(|numbered| (codec, numbered)));
        }
        renumber_redundancy(&mut offered);
        offered.into_iter().map(|(_, numbered)| numbered).collect()
    }

    /// The codecs that a transceiver may negotiate, the best liked first.
    pub(super) fn preferred_codecs<'a>(&'a self, transceiver: &'a Transceiver) -> Vec<&'a Codec> {
        let preferences = &transceiver.record.preferences;
        let known = self.config.codecs.iter().filter(|codec| codec.kind == transceiver.kind);
        if preferences.is_empty() { known.collect() } else { preferences.iter().collect() }
    }
}

impl Numbers {
    fn keep(&mut self, rtp: &Rtp) {
        for codec in &*rtp.codecs {
            self.keep_codec(codec);
        }
        for extension in &rtp.extensions {
            self.keep_extension(extension.id, extension.kind);
        }
    }
}

/// `111/111`, the formats inside of RED (RFC 2198 §5), with the numbers that they were given.
fn renumber_redundancy(codecs: &mut [(&Codec, Codec)]) {
    let given = |number: &str| {
        let is_it = |(codec, _): &&(&Codec, Codec)| codec.payload_type.to_string() == number;
        codecs.iter().find(is_it).map(|(_, numbered)| numbered.payload_type.to_string())
    };
    let written: Vec<Option<String>> = codecs
        .iter()
        .map(|(codec, _)| {
            let is_red = codec.name.eq_ignore_ascii_case("red");
            let numbers = codec.parameters.split('/').map(given).collect::<Option<Vec<_>>>();
            numbers.filter(|_| is_red).map(|numbers| numbers.join("/"))
        })
        .collect();
    for ((_, codec), parameters) in codecs.iter_mut().zip(written) {
        if let Some(parameters) = parameters {
            codec.parameters = parameters;
        }
    }
}

/// The formats of an m= line: each codec, then its retransmissions.
pub(super) fn formats(codecs: &[Codec]) -> String {
    let numbers = codecs.iter().flat_map(|codec| [Some(codec.payload_type), codec.rtx]).flatten();
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// What `a=msid` says of a transceiver that sends, or of which it was said before (RFC 9429
/// §5.2.2).
pub(super) fn msid(transceiver: &Transceiver, direction: Direction, said: bool) -> Option<Msid> {
    (direction.sends() || said).then(|| Msid {
        streams: transceiver.streams.clone(),
        track: transceiver.record.track.clone(),
    })
}

/// Names for new sections: numbers that no section has or had.
struct Names {
    next: usize,
    taken: Vec<String>,
}

impl Names {
    fn new(next: usize, sections: &[Section]) -> Self {
        Self { next, taken: sections.iter().filter_map(|s| s.mid.clone()).collect() }
    }

    fn next(&mut self) -> String {
        loop {
            let name = self.next.to_string();
            self.next += 1;
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }
}
