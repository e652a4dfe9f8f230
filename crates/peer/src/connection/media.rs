//! Commands and getters of transceivers (W3C webrtc-pc §5).

use sansio::Instant;
use sdp::attribute::Direction;

use super::machine::PeerConnection;
use crate::media::{
    Codec, MediaKind, Record, Transceiver, TransceiverError, TransceiverId, TransceiverInit,
    carries_media,
};

impl PeerConnection {
    /// Makes a transceiver (W3C `addTransceiver`). It needs an offer, and `NegotiationNeeded` says
    /// so. Its sender is taken to have a track if `init.direction` lets it send.
    ///
    /// # Errors
    ///
    /// The connection is closed; nothing was made.
    pub fn add_transceiver(
        &mut self,
        now: Instant,
        kind: MediaKind,
        init: &TransceiverInit,
    ) -> Result<TransceiverId, TransceiverError> {
        self.expect_open()?;
        let record = Record { has_track: init.direction.sends(), ..Record::default() };
        let id = self.make_transceiver(kind, init.direction, init.streams.clone(), record);
        self.changed(now);
        Ok(id)
    }

    /// Sends a track (W3C `addTrack`): on a transceiver of this kind that has never had one, or on
    /// a new one.
    ///
    /// # Errors
    ///
    /// The connection is closed; nothing was made.
    pub fn add_track(
        &mut self,
        now: Instant,
        kind: MediaKind,
        streams: &[String],
    ) -> Result<TransceiverId, TransceiverError> {
        self.expect_open()?;
        let free = |t: &&mut Transceiver| t.kind == kind && !t.stopped && !t.record.has_track;
        let id = if let Some(transceiver) = self.transceivers.iter_mut().find(free) {
            transceiver.streams = streams.to_vec();
            transceiver.direction = Direction::new(true, transceiver.direction.receives());
            // RFC 9429 §5.7: a rollback does not end what has a track.
            transceiver.record.made_by_offer = false;
            transceiver.record.has_track = true;
            transceiver.id
        } else {
            let record = Record { made_by_add_track: true, has_track: true, ..Record::default() };
            self.make_transceiver(kind, Direction::SendRecv, streams.to_vec(), record)
        };
        self.changed(now);
        Ok(id)
    }

    /// Ceases to send (W3C `removeTrack`): the direction loses its sending half.
    ///
    /// # Errors
    ///
    /// Nothing changed.
    pub fn remove_track(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        let receives = self.live(id)?.direction.receives();
        self.set_direction(now, id, Direction::new(false, receives))
    }

    /// Sets the direction that we want (W3C `direction`); an offer follows.
    ///
    /// # Errors
    ///
    /// Nothing changed.
    pub fn set_direction(
        &mut self,
        now: Instant,
        id: TransceiverId,
        direction: Direction,
    ) -> Result<(), TransceiverError> {
        let transceiver = self.live(id)?;
        transceiver.direction = direction;
        transceiver.record.has_track |= direction.sends();
        self.changed(now);
        Ok(())
    }

    /// Which codecs to negotiate, in this order (W3C `setCodecPreferences`); empty: those of
    /// `Config`. It holds from the next offer or answer on. Twins are left out, and so are their
    /// payload types.
    ///
    /// # Errors
    ///
    /// One is not among those of `Config`, or none of them carries media; nothing changed.
    pub fn set_codec_preferences(
        &mut self,
        now: Instant,
        id: TransceiverId,
        codecs: &[Codec],
    ) -> Result<(), TransceiverError> {
        let _ = now;
        let kind = self.live(id)?.kind;
        let mut preferences: Vec<Codec> = Vec::with_capacity(codecs.len());
        for codec in codecs {
            let mut known = self.config.codecs.iter().filter(|known| known.kind == kind);
            let known = known.find(|known| known.is_same_format(codec));
            let known = known.ok_or_else(|| TransceiverError::Codec(codec.name.clone()))?;
            if !preferences.contains(known) {
                preferences.push(known.clone());
            }
        }
        match preferences.first() {
            Some(first) if !preferences.iter().any(carries_media) => {
                return Err(TransceiverError::Codec(first.name.clone()));
            }
            _ => {}
        }
        self.live(id)?.record.preferences = preferences;
        Ok(())
    }

    /// Stops both directions for good (W3C `stop`). After the next negotiation the transceiver is
    /// gone; one that was never negotiated is gone at once.
    ///
    /// # Errors
    ///
    /// No transceiver has this id, or the connection is closed.
    pub fn stop_transceiver(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        self.expect_open()?;
        let transceiver = self.transceiver(id).ok_or(TransceiverError::Unknown)?;
        if transceiver.stopped {
            return Ok(());
        }
        if transceiver.mid.is_none() && !self.negotiation.has_section(id) {
            self.retire(id);
        } else {
            self.announce(id, None);
            self.media.stop(id);
            if let Some(transceiver) = self.transceiver_mut(id) {
                transceiver.stopped = true;
                transceiver.direction = Direction::Inactive;
                transceiver.current_direction = None;
            }
        }
        self.changed(now);
        Ok(())
    }

    /// All transceivers, in the order in which they were made (W3C `getTransceivers`).
    pub fn transceivers(&self) -> impl Iterator<Item = &Transceiver> {
        self.transceivers.iter()
    }

    /// A transceiver's facts; `None` once it was stopped and the other side knows.
    pub fn transceiver(&self, id: TransceiverId) -> Option<&Transceiver> {
        self.transceivers.iter().find(|transceiver| transceiver.id == id)
    }

    fn changed(&mut self, now: Instant) {
        self.check_need();
        self.settle(now);
    }

    fn expect_open(&self) -> Result<(), TransceiverError> {
        if self.end.is_some() { Err(TransceiverError::Stopped) } else { Ok(()) }
    }

    /// A transceiver that was not stopped.
    fn live(&mut self, id: TransceiverId) -> Result<&mut Transceiver, TransceiverError> {
        self.expect_open()?;
        match self.transceivers.iter_mut().find(|transceiver| transceiver.id == id) {
            None => Err(TransceiverError::Unknown),
            Some(transceiver) if transceiver.stopped => Err(TransceiverError::Stopped),
            Some(transceiver) => Ok(transceiver),
        }
    }
}
