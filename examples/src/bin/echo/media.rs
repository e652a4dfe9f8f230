//! Sound and pictures of one peer: each packet goes back as it came.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use patchcord::{PeerConnection, Transceiver, TransceiverError, TransceiverId};
use serde::Serialize;

/// The streams that a peer has, or had until just now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Media {
    streams: Arc<Mutex<BTreeMap<TransceiverId, Transceiver>>>,
}

/// One stream at one moment, for `GET /peers/{id}` and the lines of the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Stream {
    #[serde(skip)]
    pub(crate) id: Option<TransceiverId>,
    /// `audio` or `video`.
    pub(crate) kind: String,
    pub(crate) mid: Option<String>,
    /// The codec that both prefer; empty before one was agreed on.
    pub(crate) codec: String,
    /// As agreed, seen from here: `sendrecv` where it echoes.
    pub(crate) direction: Option<String>,
    pub(crate) packets_in: u64,
    pub(crate) bytes_in: u64,
    /// Of what comes in, never to be seen again.
    pub(crate) lost_in: i64,
    /// Of what comes in, seen in a second try.
    pub(crate) repaired_in: u64,
    pub(crate) packets_out: u64,
    pub(crate) bytes_out: u64,
    /// Of what goes out, as the peer reports.
    pub(crate) lost_out: i64,
}

impl Media {
    /// Sends back what `transceiver` brings; returns at once.
    pub(crate) fn serve(&self, transceiver: Transceiver) {
        let id = transceiver.id();
        if self.lock().insert(id, transceiver.clone()).is_some() {
            // It ceased and came again: it is forwarded since it came first.
            return;
        }
        let media = self.clone();
        tokio::spawn(async move {
            transceiver.receiver().forward(&transceiver.sender()).await;
            media.lock().remove(&id);
        });
    }

    pub(crate) fn streams(&self) -> Vec<Stream> {
        self.lock().values().map(Stream::of).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TransceiverId, Transceiver>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn of(transceiver: &Transceiver) -> Self {
        let codecs = transceiver.codecs();
        let (inbound, outbound) = (transceiver.receiver().stats(), transceiver.sender().stats());
        Self {
            id: Some(transceiver.id()),
            kind: transceiver.kind().to_string(),
            mid: transceiver.mid(),
            codec: codecs.first().map(|codec| codec.name.clone()).unwrap_or_default(),
            direction: transceiver.current_direction().map(|direction| direction.to_string()),
            packets_in: inbound.packets_received,
            bytes_in: inbound.bytes_received,
            lost_in: inbound.packets_lost,
            repaired_in: inbound.retransmitted_packets_received,
            packets_out: outbound.packets_sent,
            bytes_out: outbound.bytes_sent,
            lost_out: outbound.packets_lost,
        }
    }

    /// What was added since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            packets_in: self.packets_in.saturating_sub(earlier.packets_in),
            bytes_in: self.bytes_in.saturating_sub(earlier.bytes_in),
            lost_in: self.lost_in - earlier.lost_in,
            repaired_in: self.repaired_in.saturating_sub(earlier.repaired_in),
            packets_out: self.packets_out.saturating_sub(earlier.packets_out),
            bytes_out: self.bytes_out.saturating_sub(earlier.bytes_out),
            lost_out: self.lost_out - earlier.lost_out,
            ..self.clone()
        }
    }
}

/// Gives each section of an offer a track of ours to answer with, in one stream, so that the peer
/// plays sound and pictures in step.
pub(crate) fn accept(pc: &PeerConnection) -> Result<(), TransceiverError> {
    let silent = |transceiver: &Transceiver| !transceiver.direction().sends();
    for transceiver in pc.transceivers().into_iter().filter(silent) {
        // On a transceiver of that kind which has none yet: each section gets its own.
        pc.add_track(transceiver.kind(), &["echo"])?;
    }
    Ok(())
}
