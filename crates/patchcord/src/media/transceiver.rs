//! A sender and a receiver that share a media section.

use std::sync::Arc;

use peer::{Codec, Direction, MediaKind, TransceiverError, TransceiverId};

use super::held::Held;
use super::{Receiver, Sender};
use crate::connection::{Alive, State};

/// A sender and a receiver that share a media section (W3C webrtc-pc §5.4, `RTCRtpTransceiver`),
/// made by [`PeerConnection::add_transceiver`](crate::PeerConnection::add_transceiver) or by the
/// other side's offer, and told of by [`Event::Track`](crate::Event::Track).
///
/// Clones are cheap and are the same transceiver. It keeps its connection alive. Unlike a data
/// channel it does not end with its last handle, but belongs to the connection, whose
/// [`transceivers`](crate::PeerConnection::transceivers) it stays among until it is
/// [stopped](Self::stop).
#[derive(Clone, Debug)]
pub struct Transceiver {
    held: Arc<Held>,
}

impl Transceiver {
    /// `None`: it is gone.
    pub(crate) fn new(alive: &Arc<Alive>, state: &mut State, id: TransceiverId) -> Option<Self> {
        Some(Self { held: Arc::new(Held::new(alive, state, id)?) })
    }

    /// Names it within its connection.
    pub fn id(&self) -> TransceiverId {
        self.held.id
    }

    /// The name of its media section, once there is one (W3C `mid`).
    pub fn mid(&self) -> Option<String> {
        self.look(|it| it.mid.clone()).flatten()
    }

    /// Audio or video.
    pub fn kind(&self) -> MediaKind {
        self.held.kind
    }

    /// The direction that we want (W3C `direction`); `Inactive` when it was stopped.
    pub fn direction(&self) -> Direction {
        self.look(|it| it.direction).unwrap_or(Direction::Inactive)
    }

    /// The direction that was agreed (W3C `currentDirection`); `None` before, and when it was
    /// stopped.
    pub fn current_direction(&self) -> Option<Direction> {
        self.look(|it| it.current_direction).flatten()
    }

    /// Sets the direction that we want. The next offer or answer says so; until then packets flow
    /// as agreed.
    ///
    /// # Errors
    ///
    /// It was stopped.
    pub fn set_direction(&self, direction: Direction) -> Result<(), TransceiverError> {
        self.command(|peer, now, id| peer.set_direction(now, id, direction))
    }

    /// Which codecs to negotiate, in this order (W3C `setCodecPreferences`); empty: all that this
    /// side has, in its own order.
    ///
    /// # Errors
    ///
    /// This side does not have one of them.
    pub fn set_codec_preferences(&self, codecs: &[Codec]) -> Result<(), TransceiverError> {
        self.command(|peer, now, id| peer.set_codec_preferences(now, id, codecs))
    }

    /// The codecs that were agreed, preferred ones first; empty before.
    pub fn codecs(&self) -> Arc<[Codec]> {
        self.look(|it| Arc::clone(&it.codecs)).unwrap_or_default()
    }

    /// Ends both directions for good (W3C `stop`). The next offer says so.
    ///
    /// # Errors
    ///
    /// It is gone already.
    pub fn stop(&self) -> Result<(), TransceiverError> {
        let stopped = self.command(peer::PeerConnection::stop_transceiver);
        self.held.readable.notify_waiters();
        self.held.asked.notify_waiters();
        stopped
    }

    /// Whether it has ended, by us or by the other side.
    pub fn is_stopped(&self) -> bool {
        self.held.connection().look(|state| self.held.is_over(state))
    }

    /// The sending half.
    pub fn sender(&self) -> Sender {
        Sender::new(Arc::clone(&self.held))
    }

    /// The receiving half.
    pub fn receiver(&self) -> Receiver {
        Receiver::new(Arc::clone(&self.held))
    }

    fn look<R>(&self, look: impl FnOnce(&peer::Transceiver) -> R) -> Option<R> {
        self.held.connection().look(|state| state.peer.transceiver(self.held.id).map(look))
    }

    fn command<R>(
        &self,
        command: impl FnOnce(&mut peer::PeerConnection, sansio::Instant, TransceiverId) -> R,
    ) -> R {
        self.held.connection().command(|peer, now| command(peer, now, self.held.id))
    }
}
