//! Both streams of a call: offered, sent, counted.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::ensure;
use patchcord::{
    Direction, PeerConnection, Receiver, RtpPacket, RtpSendError, Sender, Transceiver,
    TransceiverInit, rtp::PayloadType,
};
use tokio::time::{MissedTickBehavior, timeout};

use super::{
    made::{Format, Picture},
    tally::Tally,
};
use crate::report::Report;

/// How long each stream is sent.
const LENGTH: Duration = Duration::from_secs(5);
/// What the last packets get to come back.
const PATIENCE: Duration = Duration::from_secs(1);

/// The media of a call.
#[derive(Debug)]
pub(crate) struct Media {
    streams: [Stream; 2],
}

#[derive(Debug)]
struct Stream {
    format: Format,
    transceiver: Transceiver,
}

/// What a server makes of an offered stream.
enum Answer {
    /// It comes back.
    Echo(PayloadType),
    /// It does not, and this is why.
    No(&'static str),
}

impl Media {
    /// Sound and pictures, for the offer that follows.
    pub(crate) fn offer(pc: &PeerConnection) -> anyhow::Result<Self> {
        let offer = |format: Format| {
            let init = TransceiverInit { streams: vec!["call".into()], ..Default::default() };
            let transceiver = pc.add_transceiver(format.kind(), init)?;
            anyhow::Ok(Stream { format, transceiver })
        };
        Ok(Self { streams: [offer(Format::Opus)?, offer(Format::Vp8)?] })
    }

    /// Sends both streams at once and tells what came back of them.
    pub(crate) async fn verify(self, report: &Report) -> anyhow::Result<()> {
        let [sound, pictures] = &self.streams;
        let (sound, pictures) = tokio::join!(sound.verify(report), pictures.verify(report));
        sound.and(pictures)
    }
}

impl Stream {
    async fn verify(&self, report: &Report) -> anyhow::Result<()> {
        let (kind, name) = (self.format.kind(), self.format.name());
        let payload_type = match self.answer() {
            Answer::Echo(payload_type) => payload_type,
            Answer::No(why) => {
                report.say(format_args!("{kind} {name}: {why}, so it was not sent."));
                return Ok(());
            }
        };
        let tally = self.exchange(payload_type).await?;
        report.say(format_args!("{kind} {name}: {tally}."));
        ensure!(tally.is_enough(), "too little {kind} came back");
        Ok(())
    }

    fn answer(&self) -> Answer {
        match self.transceiver.current_direction() {
            None | Some(Direction::Inactive) => Answer::No("the server does not take it"),
            Some(Direction::SendRecv) => {
                let codecs = self.transceiver.codecs();
                let same = |name: &str| name.eq_ignore_ascii_case(self.format.name());
                let codec = codecs.iter().find(|codec| same(&codec.name));
                let unknown = Answer::No("the server does not know it");
                codec.map_or(unknown, |codec| Answer::Echo(codec.payload_type))
            }
            Some(_) => Answer::No("the server does not send it back"),
        }
    }

    async fn exchange(&self, payload_type: PayloadType) -> anyhow::Result<Tally> {
        let tally = Mutex::default();
        let (sender, receiver) = (self.transceiver.sender(), self.transceiver.receiver());
        let sending = async {
            send(self.format, payload_type, &sender, &tally).await?;
            let _ = timeout(PATIENCE, completion(&tally)).await;
            Ok::<(), RtpSendError>(())
        };
        tokio::select! {
            sent = sending => sent?,
            () = count(&receiver, &tally) => {}
        }
        Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends frame after frame on time; a whole picture first, and when the other side asks for one.
async fn send(
    format: Format,
    payload_type: PayloadType,
    sender: &Sender,
    tally: &Mutex<Tally>,
) -> Result<(), RtpSendError> {
    let mut ticks = tokio::time::interval(format.interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let frames = (LENGTH.as_micros() / format.interval().as_micros()) as u64;
    let (mut n, mut picture) = (0, Picture::Whole);
    while n < frames {
        tokio::select! {
            _ = ticks.tick() => {}
            asked = sender.keyframe_requested() => {
                if !asked {
                    break;
                }
                lock(tally).asked += 1;
                picture = Picture::Whole;
                continue;
            }
        }
        let first = lock(tally).next();
        let payloads = format.frame(n, picture, first);
        let timestamp = (n as u32).wrapping_mul(format.ticks());
        let last = payloads.len() - 1;
        for (place, payload) in payloads.into_iter().enumerate() {
            let number = first + place as u64;
            let mut packet = RtpPacket::new(payload_type, number, timestamp, payload.clone());
            // RFC 7741 §4.1: a frame's last packet; RFC 7587 §4.1: the first after a silence.
            packet.marker = if format == Format::Vp8 { place == last } else { n == 0 };
            lock(tally).sent(Instant::now(), payload);
            match sender.send(packet) {
                // As good as lost on the way.
                Ok(()) | Err(RtpSendError::QueueFull) => {}
                Err(error) => return Err(error),
            }
        }
        (n, picture) = (n + 1, Picture::Change);
    }
    Ok(())
}

/// Counts what returns, until the stream is over.
async fn count(receiver: &Receiver, tally: &Mutex<Tally>) {
    while let Some(packet) = receiver.recv().await {
        lock(tally).returned(Instant::now(), packet.payload());
    }
}

async fn completion(tally: &Mutex<Tally>) {
    while !lock(tally).is_complete() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
