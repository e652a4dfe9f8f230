//! What offer and answer say together about each section, told to the engine of media.

use std::sync::Arc;

use super::read::{Remote, RemoteContent, RemoteSection};
use super::read_rtp::{RemoteRtp, agreed};
use super::section::{Content, Extension, Rtp, Section};
use super::write::Local;
use crate::connection::PeerConnection;
use crate::media::{Codec, Parameters, TransceiverId};

impl PeerConnection {
    /// The sections as agreed. Transceivers whose section was rejected are stopped and gone;
    /// `associated` are those that an offer of the other side was given.
    pub(super) fn agree(
        &mut self,
        local: &Local,
        remote: &Remote,
        associated: &[Option<TransceiverId>],
    ) -> Vec<Section> {
        let pairs = local.sections.iter().zip(&remote.sections);
        let sections: Vec<Section> = pairs.map(|(ours, theirs)| united(ours, theirs)).collect();
        let alive = |id| sections.iter().any(|section| section.transceiver() == Some(id));
        // Those that had a section, or were to have one, and have none now.
        let before = self.negotiation.agreed.iter().chain(&local.sections);
        let mut rejected: Vec<TransceiverId> = before.filter_map(Section::transceiver).collect();
        rejected.extend(associated.iter().flatten());
        rejected.extend(self.transceivers.iter().filter(|t| t.mid.is_some()).map(|t| t.id));
        rejected.retain(|id| !alive(*id));
        for id in rejected {
            self.retire(id);
        }
        for (section, theirs) in sections.iter().zip(&remote.sections) {
            if let (Some(rtp), Some(theirs)) = (section.rtp(), theirs.rtp()) {
                self.configure(section.mid(), rtp, theirs);
            }
        }
        sections
    }

    fn configure(&mut self, mid: Option<&str>, rtp: &Rtp, theirs: &RemoteRtp) {
        let id = rtp.transceiver;
        let Some(transceiver) = self.transceivers.iter_mut().find(|t| t.id == id) else { return };
        if transceiver.stopped {
            return;
        }
        transceiver.record.made_by_offer = false;
        transceiver.record.has_track |= rtp.direction.sends();
        transceiver.current_direction = Some(rtp.direction);
        transceiver.codecs = Arc::clone(&rtp.codecs);
        let receives = rtp.direction.receives();
        self.announce(id, Some(theirs).filter(|_| receives));
        let agreed = Parameters {
            reduced_size: rtp.reduced_size,
            mid: mid.unwrap_or_default().into(),
            codecs: Arc::clone(&rtp.codecs),
            extensions: rtp.extensions.iter().map(|e| (e.id, e.kind)).collect(),
            send: rtp.direction.sends(),
            receive: receives,
            remote_sources: theirs.sources.clone(),
            remote_rids: rtp.encodings.rids.iter().map(|rid| rid.id.as_str().into()).collect(),
        };
        self.media.configure(id, agreed);
    }
}

/// One section as both sides have it.
fn united(ours: &Section, theirs: &RemoteSection) -> Section {
    let content = match (&ours.content, &theirs.content) {
        (Content::Data, RemoteContent::Data(_)) => Content::Data,
        (Content::Rtp(ours), RemoteContent::Rtp(theirs)) => {
            Content::Rtp(Box::new(united_rtp(ours, theirs)))
        }
        _ => Content::Rejected,
    };
    Section { content, mid: ours.mid.clone(), line: ours.line.clone() }
}

/// Of an answer of ours nothing is taken away: it is within the offer.
fn united_rtp(ours: &Rtp, theirs: &RemoteRtp) -> Rtp {
    let codecs = theirs.codecs.iter().filter_map(|codec| {
        let own =
            ours.codecs.iter().find(|own| agreed(own, core::slice::from_ref(codec)).is_some())?;
        Some(Codec {
            feedback: own.feedback.intersection(codec.feedback),
            rtx: own.rtx.filter(|rtx| codec.rtx == Some(*rtx)),
            ..own.clone()
        })
    });
    let same = |e: &&Extension| theirs.extensions.iter().any(|t| t.id == e.id && t.kind == e.kind);
    let sent = |id: &str| theirs.encodings.rids.iter().any(|rid| rid.id == id);
    let mut encodings = ours.encodings.clone();
    encodings.rids.retain(|rid| sent(&rid.id));
    for stream in &mut encodings.simulcast {
        stream.retain(|id| sent(id));
    }
    encodings.simulcast.retain(|stream| !stream.is_empty());
    Rtp {
        direction: ours.direction.intersection(theirs.direction.reversed()),
        codecs: codecs.collect(),
        extensions: ours.extensions.iter().filter(same).copied().collect(),
        reduced_size: ours.reduced_size && theirs.reduced_size,
        encodings,
        ..ours.clone()
    }
}
