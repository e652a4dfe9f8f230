//! Commands and getters of transceivers (W3C webrtc-pc §5).

use sansio::Instant;
use sdp::attribute::Direction;

use super::machine::PeerConnection;
use crate::media::{
    Codec, MediaKind, Transceiver, TransceiverError, TransceiverId, TransceiverInit,
};

impl PeerConnection {
    /// Makes a transceiver (W3C `addTransceiver`).
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
        let _ = (now, kind, init);
        Err(TransceiverError::Stopped)
    }

    /// Sends a track (W3C `addTrack`): on a transceiver of this kind that has never sent, or on a
    /// new one.
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
        let _ = (now, kind, streams);
        Err(TransceiverError::Stopped)
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
        let _ = (now, id);
        Err(TransceiverError::Unknown)
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
        let _ = (now, id, direction);
        Err(TransceiverError::Unknown)
    }

    /// Which codecs to negotiate, in this order (W3C `setCodecPreferences`); empty: those of
    /// `Config`.
    ///
    /// # Errors
    ///
    /// One is not among those of `Config`; nothing changed.
    pub fn set_codec_preferences(
        &mut self,
        now: Instant,
        id: TransceiverId,
        codecs: &[Codec],
    ) -> Result<(), TransceiverError> {
        let _ = (now, id, codecs);
        Err(TransceiverError::Unknown)
    }

    /// Stops both directions for good (W3C `stop`).
    ///
    /// # Errors
    ///
    /// No transceiver has this id.
    pub fn stop_transceiver(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        let _ = (now, id);
        Err(TransceiverError::Unknown)
    }

    /// All transceivers, in the order in which they were made (W3C `getTransceivers`).
    pub fn transceivers(&self) -> impl Iterator<Item = &Transceiver> {
        self.transceivers.iter()
    }

    /// A transceiver's facts.
    pub fn transceiver(&self, id: TransceiverId) -> Option<&Transceiver> {
        self.transceivers.iter().find(|transceiver| transceiver.id == id)
    }
}
