//! What we answer, RFC 9429 §5.3: what both sides have, with the offer's numbers.

use sdp::attribute::{Direction, Setup};

use super::offer::{formats, msid};
use super::read::{Remote, RemoteContent, RemoteSection};
use super::read_rtp::RemoteRtp;
use super::section::{Content, Encoding, Encodings, Extension, Line, Rtp, Section};
use super::state::PendingRemote;
use super::write::Local;
use crate::connection::PeerConnection;
use crate::description::SdpType;
use crate::media::{Codec, Transceiver, TransceiverId, answered, carries_media};

impl PeerConnection {
    /// An answer to all sections of an offer.
    pub(super) fn build_answer(
        &mut self,
        pending: &PendingRemote,
        setup: Setup,
        version: u64,
        restart: Option<ice::Credentials>,
    ) -> Local {
        let PendingRemote { remote, transceivers, .. } = pending;
        let pairs = remote.sections.iter().zip(transceivers).enumerate();
        let sections: Vec<Section> =
            pairs.map(|(i, (s, transceiver))| self.answer(i, s, *transceiver)).collect();
        let init = self.answered_init(remote, &sections);
        let sped = self.answered_sped(remote);
        Local {
            kind: SdpType::Answer,
            version,
            sections,
            setup,
            bundle: remote.transport.as_ref().is_some_and(|transport| transport.bundle),
            mixed: remote.mixed,
            sped,
            restart,
            init,
        }
    }

    fn answer(
        &self,
        index: usize,
        theirs: &RemoteSection,
        transceiver: Option<TransceiverId>,
    ) -> Section {
        let content = match &theirs.content {
            RemoteContent::Data(_) => Some(Content::Data),
            RemoteContent::Rtp(rtp) => {
                let transceiver = transceiver.and_then(|id| self.transceiver(id));
                transceiver.and_then(|t| self.answer_rtp(index, rtp, t))
            }
            RemoteContent::Rejected => None,
        };
        let mut line = theirs.line.clone();
        if let Some(Content::Rtp(rtp)) = &content {
            line = Line { formats: formats(&rtp.codecs), ..line };
        }
        Section { mid: theirs.mid.clone(), line, content: content.unwrap_or(Content::Rejected) }
    }

    /// `None`: it is rejected.
    fn answer_rtp(
        &self,
        index: usize,
        theirs: &RemoteRtp,
        transceiver: &Transceiver,
    ) -> Option<Content> {
        let codecs = self.answered_codecs(theirs, transceiver);
        if transceiver.stopped || !codecs.iter().any(carries_media) {
            return None;
        }
        let known = self.config.header_extensions.of(transceiver.kind);
        let extensions = theirs.extensions.iter().filter(|e| known.contains(&e.kind));
        // RFC 8285 §6: directions are those of who writes.
        let extensions: Vec<Extension> = extensions
            .map(|e| Extension { direction: e.direction.map(Direction::reversed), ..*e })
            .collect();
        let direction = theirs.direction.reversed().intersection(transceiver.direction);
        let before = self.negotiation.agreed.get(index).and_then(Section::rtp);
        let before = before.filter(|rtp| rtp.transceiver == transceiver.id);
        let said = before.is_some_and(|rtp| rtp.msid.is_some());
        let encodings = if direction.receives() {
            answered_encodings(theirs, &codecs)
        } else {
            Encodings::default()
        };
        Some(Content::Rtp(Box::new(Rtp {
            transceiver: transceiver.id,
            kind: transceiver.kind,
            direction,
            codecs: codecs.into(),
            extensions,
            reduced_size: theirs.reduced_size,
            msid: msid(transceiver, direction, said),
            source: self.media.local_source(transceiver.id),
            encodings,
        })))
    }

    /// In the offer's order; in ours, if the application has set one (RFC 9429 §5.3.1).
    fn answered_codecs(&self, theirs: &RemoteRtp, transceiver: &Transceiver) -> Vec<Codec> {
        let ours = self.preferred_codecs(transceiver);
        let mut codecs: Vec<(usize, Codec)> = Vec::new();
        for offered in &theirs.codecs {
            let rank = ours.iter().position(|codec| codec.is_same_format(offered));
            let Some((rank, codec)) = rank.and_then(|rank| Some((rank, *ours.get(rank)?))) else {
                continue;
            };
            if !codecs.iter().any(|(taken, _)| *taken == rank) {
                codecs.push((rank, answered(codec, offered)));
            }
        }
        if !transceiver.record.preferences.is_empty() {
            codecs.sort_by_key(|(rank, _)| *rank);
        }
        codecs.into_iter().map(|(_, codec)| codec).collect()
    }
}

/// RFC 8851 §6.3 and RFC 8853 §5.3.2: what is offered for sending is accepted for receiving, if it
/// is not restricted to payload types that were not accepted.
fn answered_encodings(theirs: &RemoteRtp, codecs: &[Codec]) -> Encodings {
    let accepted =
        |number: &&str| codecs.iter().any(|codec| codec.payload_type.to_string() == number.trim());
    let mut rids: Vec<Encoding> = Vec::new();
    for Encoding { id, restrictions } in &theirs.encodings.rids {
        let mut kept = Vec::new();
        let mut usable = true;
        for restriction in restrictions.split(';').filter(|text| !text.is_empty()) {
            match restriction.split_once('=') {
                Some((name, list)) if name.trim() == "pt" => {
                    let list = list.split(',').filter(accepted).collect::<Vec<_>>().join(",");
                    usable &= !list.is_empty();
                    kept.push(format!("pt={list}"));
                }
                _ => kept.push(restriction.to_owned()),
            }
        }
        if usable {
            rids.push(Encoding { id: id.clone(), restrictions: kept.join(";") });
        }
    }
    let simulcast = theirs.encodings.simulcast.iter().map(|stream| {
        let known = |id: &&String| rids.iter().any(|rid| rid.id == **id);
        stream.iter().filter(known).cloned().collect::<Vec<_>>()
    });
    let simulcast = simulcast.filter(|stream| !stream.is_empty()).collect();
    Encodings { rids, simulcast }
}

impl Remote {
    /// What the other side says about the media of a section.
    pub(super) fn rtp(&self, index: usize) -> Option<&RemoteRtp> {
        self.sections.get(index).and_then(RemoteSection::rtp)
    }
}
