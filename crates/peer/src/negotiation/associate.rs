//! Which transceiver belongs to which media section (RFC 9429 §5.9, §5.10), and how that is taken
//! back (§5.7).

use sdp::attribute::Direction;

use super::read::{Remote, RemoteContent, RemoteSection};
use super::read_rtp::RemoteRtp;
use super::section::Section;
use super::write::Local;
use crate::connection::PeerConnection;
use crate::event::Event;
use crate::media::{MediaKind, Record, Transceiver, TransceiverId};

impl PeerConnection {
    /// Finds or makes the transceiver of each section of an offer, and tells which tracks there
    /// are.
    pub(super) fn associate_offer(&mut self, remote: &Remote) -> Vec<Option<TransceiverId>> {
        let mut found: Vec<Option<TransceiverId>> = Vec::with_capacity(remote.sections.len());
        // An outstanding offer, which this one replaces, may have named others.
        let agreed = &self.negotiation.agreed;
        for transceiver in &mut self.transceivers {
            if !agreed.iter().any(|section| section.transceiver() == Some(transceiver.id)) {
                transceiver.mid = None;
            }
        }
        for (index, section) in remote.sections.iter().enumerate() {
            let known = self.associated(index, section);
            let id = match &section.content {
                RemoteContent::Rtp(rtp) => {
                    let id = known.or_else(|| self.waiting(rtp, &found));
                    Some(id.unwrap_or_else(|| self.make_for_offer(rtp.kind)))
                }
                RemoteContent::Data(_) | RemoteContent::Rejected => known,
            };
            if let Some(transceiver) = id.and_then(|id| self.transceiver_mut(id)) {
                transceiver.mid.clone_from(&section.mid);
            }
            found.push(id);
        }
        self.drop_made_for_offer(&found);
        for (section, id) in remote.sections.iter().zip(&found) {
            if let Some(id) = id {
                self.announce(*id, section.rtp());
            }
        }
        found
    }

    /// The transceivers of an offer of ours learn the names of their sections.
    pub(super) fn associate_local(&mut self, local: &Local) {
        for section in &local.sections {
            let transceiver = section.transceiver().and_then(|id| self.transceiver_mut(id));
            if let Some(transceiver) = transceiver {
                transceiver.mid.clone_from(&section.mid);
            }
        }
        let numbers =
            local.sections.iter().filter_map(|section| section.mid()?.parse::<usize>().ok());
        // Those of the other side may be any number.
        let bound = self.negotiation.next_mid + local.sections.len();
        let used = numbers.filter(|n| *n <= bound).max().map_or(0, |n| n + 1);
        self.negotiation.next_mid = self.negotiation.next_mid.max(used);
    }

    /// Forgets what an outstanding description has associated, and the transceivers that it made.
    pub(super) fn dissociate(&mut self) {
        self.drop_made_for_offer(&[]);
        let ids: Vec<TransceiverId> = self.transceivers.iter().map(|t| t.id).collect();
        for id in ids {
            let agreed = &self.negotiation.agreed;
            let index = agreed.iter().position(|s| s.transceiver() == Some(id));
            let section = index.and_then(|index| agreed.get(index));
            let mid = section.and_then(|section| section.mid.clone());
            let receives = section.and_then(Section::rtp).is_some_and(|r| r.direction.receives());
            let current = self.negotiation.current_remote.as_ref().filter(|_| receives);
            let rtp = index.zip(current).and_then(|(i, (remote, _))| remote.rtp(i).cloned());
            if let Some(transceiver) = self.transceiver_mut(id) {
                transceiver.mid = mid;
            }
            self.announce(id, rtp.as_ref());
        }
    }

    /// Tells when the other side begins or ceases to send for a transceiver (W3C webrtc-pc §4.5.9.2:
    /// `track`, `mute`).
    pub(crate) fn announce(&mut self, id: TransceiverId, theirs: Option<&RemoteRtp>) {
        let Some(transceiver) = self.transceivers.iter_mut().find(|t| t.id == id) else { return };
        let sends = theirs.filter(|rtp| rtp.direction.sends() && !transceiver.stopped);
        transceiver.remote_streams = sends.map(|rtp| rtp.streams.clone()).unwrap_or_default();
        transceiver.remote_track = sends.and_then(|rtp| rtp.track.clone());
        let announced = core::mem::replace(&mut transceiver.record.announced, sends.is_some());
        match (announced, sends.is_some()) {
            (false, true) => self.events.push_back(Event::Track(id)),
            (true, false) => self.events.push_back(Event::TrackEnded(id)),
            _ => {}
        }
    }

    /// Stops a transceiver for good and forgets it: its section is rejected.
    pub(crate) fn retire(&mut self, id: TransceiverId) {
        let Some(index) = self.transceivers.iter().position(|t| t.id == id) else { return };
        self.announce(id, None);
        let transceiver = self.transceivers.remove(index);
        if !transceiver.stopped {
            self.media.stop(id);
        }
    }

    pub(crate) fn transceiver_mut(&mut self, id: TransceiverId) -> Option<&mut Transceiver> {
        self.transceivers.iter_mut().find(|transceiver| transceiver.id == id)
    }

    /// Makes a transceiver and its numbers.
    pub(crate) fn make_transceiver(
        &mut self,
        kind: MediaKind,
        direction: Direction,
        streams: Vec<String>,
        record: Record,
    ) -> TransceiverId {
        let id = self.negotiation.next_transceiver();
        self.media.add(id, &mut *self.rng);
        let track = format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64());
        let record = Record { track, ..record };
        self.transceivers.push(Transceiver::new(id, kind, direction, streams, record));
        id
    }

    /// The transceiver that has the section already: as agreed, or by the offer before this one.
    fn associated(&self, index: usize, section: &RemoteSection) -> Option<TransceiverId> {
        let agreed = self.negotiation.agreed.get(index).and_then(Section::transceiver);
        let pending = self.negotiation.pending_remote.as_ref().and_then(|pending| {
            let before = pending.remote.sections.get(index)?;
            let same = before.mid == section.mid && before.line.media == section.line.media;
            pending.transceivers.get(index).copied().flatten().filter(|_| same)
        });
        agreed.or(pending).filter(|id| self.transceiver(*id).is_some())
    }

    /// One that `add_track` made, and that no section has yet.
    fn waiting(&self, rtp: &RemoteRtp, found: &[Option<TransceiverId>]) -> Option<TransceiverId> {
        let agreed = |id| self.negotiation.agreed.iter().any(|s| s.transceiver() == Some(id));
        let waits = |t: &&Transceiver| {
            let free = !agreed(t.id) && !found.contains(&Some(t.id));
            t.kind == rtp.kind && t.record.made_by_add_track && !t.stopped && free
        };
        // Only where the other side can receive what the track brings.
        let fits = rtp.direction.receives();
        self.transceivers.iter().filter(|_| fits).find(waits).map(|t| t.id)
    }

    /// W3C webrtc-pc §4.5.9.2: it only receives, until the application says otherwise.
    fn make_for_offer(&mut self, kind: MediaKind) -> TransceiverId {
        let record = Record { made_by_offer: true, ..Record::default() };
        self.make_transceiver(kind, Direction::RecvOnly, Vec::new(), record)
    }

    /// Forgets what earlier outstanding offers made, but these.
    fn drop_made_for_offer(&mut self, kept: &[Option<TransceiverId>]) {
        let made = self.transceivers.iter().filter(|t| t.record.made_by_offer).map(|t| t.id);
        let made: Vec<TransceiverId> = made.filter(|id| !kept.contains(&Some(*id))).collect();
        for id in made {
            self.retire(id);
        }
    }
}
