//! One peer: what it sends goes back to it, until one of us hangs up.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use patchcord::{
    ConnectionState, DataChannel, Event, NegotiationError, OfferOptions, PeerConnection,
    SessionDescription,
};
use serde::Serialize;
use tokio::sync::Notify;

use crate::{
    candidates::{Candidate, Told},
    media::{self, Media, Stream},
    peers::Peers,
    report::{self, Report},
    traffic::{Count, Traffic},
};

/// A connection and what we know of it.
#[derive(Debug)]
pub(crate) struct Session {
    id: u64,
    pc: PeerConnection,
    started: Instant,
    phase: Mutex<Phase>,
    /// Why it ended: the first reason given is the true one.
    why: OnceLock<String>,
    ended: Notify,
    told: Told,
    traffic: Traffic,
    channels: Mutex<BTreeMap<u64, DataChannel>>,
    media: Media,
}

/// How far a peer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// Our offer waits for an answer.
    Offered,
    /// Both descriptions are there.
    Connecting,
    /// A path carries our bytes.
    Connected,
    /// Nothing has been heard for some seconds.
    Troubled,
}

/// One peer for `GET /peers`.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    id: u64,
    state: Phase,
    seconds: f64,
    path: Option<Route>,
    dtls_version: Option<String>,
    dtls_cipher: Option<String>,
    dtls_group: Option<String>,
    interleaving: bool,
    inits: Option<Inits>,
    embedded: Embedded,
    channels: Vec<String>,
    media: Vec<Stream>,
    #[serde(flatten)]
    count: Count,
}

/// INIT chunks over the wire, one each way at least, unless the descriptions carried them.
#[derive(Debug, Serialize)]
struct Inits {
    sent: u64,
    received: u64,
}

/// Datagrams of the DTLS handshake that rode in connectivity checks.
#[derive(Debug, Serialize)]
struct Embedded {
    sent: u64,
    received: u64,
}

#[derive(Debug, Serialize)]
struct Route {
    local: SocketAddr,
    remote: SocketAddr,
}

impl Session {
    /// `phase`: `Offered` or `Connecting`.
    pub(crate) fn new(id: u64, pc: PeerConnection, phase: Phase) -> Self {
        Self {
            id,
            pc,
            started: Instant::now(),
            phase: Mutex::new(phase),
            why: OnceLock::new(),
            ended: Notify::new(),
            told: Told::default(),
            traffic: Traffic::default(),
            channels: Mutex::default(),
            media: Media::default(),
        }
    }

    /// Follows the connection until it ends, then takes it off the list.
    pub(crate) async fn live(self: Arc<Self>, peers: Peers, report: Report) {
        let why = tokio::select! {
            why = self.follow(&report) => why,
            () = self.ended.notified() => String::new(),
        };
        self.end(&why).await;
        peers.remove(self.id);
        let why = self.why.get().unwrap_or(&why);
        let seconds = self.started.elapsed().as_secs_f64();
        let total = report::total(&self.traffic.count());
        report.peer(self.id, format_args!("closed after {seconds:.1} s, {why}; {total}"));
    }

    /// The other side's answer to our offer.
    pub(crate) async fn answer(&self, sdp: String) -> Result<(), NegotiationError> {
        self.pc.set_remote_description(SessionDescription::answer(sdp)).await?;
        *lock(&self.phase) = Phase::Connecting;
        Ok(())
    }

    /// The other side's next offer; returns our answer. If it cannot be used, nothing changes.
    pub(crate) async fn take_offer(&self, sdp: String) -> anyhow::Result<SessionDescription> {
        self.pc.set_remote_description(SessionDescription::offer(sdp)).await?;
        media::accept(&self.pc)?;
        self.pc.set_local_description(None).await?;
        self.pc.local_description().context("the answer is gone")
    }

    /// Our next offer, which looks for a path anew: an ICE restart.
    pub(crate) async fn restart(&self) -> anyhow::Result<SessionDescription> {
        let offer = self.pc.create_offer(OfferOptions { ice_restart: true }).await?;
        self.pc.set_local_description(offer).await?;
        self.pc.gathering_complete().await;
        self.pc.local_description().context("the offer is gone")
    }

    /// The other side's answer to our next offer.
    pub(crate) async fn take_answer(&self, sdp: String) -> Result<(), NegotiationError> {
        self.pc.set_remote_description(SessionDescription::answer(sdp)).await
    }

    /// Candidates of the other side, which were not in its description.
    pub(crate) async fn add(&self, candidates: Vec<Candidate>) -> Result<(), NegotiationError> {
        for candidate in candidates {
            self.pc.add_ice_candidate(Some(candidate.into())).await?;
        }
        Ok(())
    }

    /// Ours that were not in our description.
    pub(crate) fn told(&self) -> &Told {
        &self.told
    }

    /// Sends back what `channel` brings; returns at once.
    pub(crate) fn serve(self: &Arc<Self>, channel: DataChannel) {
        let key = {
            let mut channels = lock(&self.channels);
            let key = channels.last_key_value().map_or(0, |(key, _)| key + 1);
            channels.insert(key, channel.clone());
            key
        };
        let session = Arc::clone(self);
        tokio::spawn(async move {
            session.echo(&channel).await;
            lock(&session.channels).remove(&key);
        });
    }

    /// Hangs up.
    pub(crate) async fn end(&self, why: &str) {
        let _ = self.why.set(why.to_owned());
        self.pc.close().await;
        self.told.push(None.into());
        self.ended.notify_one();
    }

    /// Closes the channels called `label`; tells how many there were.
    pub(crate) fn close_channels(&self, label: &str) -> usize {
        let channels: Vec<_> = lock(&self.channels).values().cloned().collect();
        let mut closed = 0;
        for channel in channels.iter().filter(|channel| channel.label() == label) {
            channel.close();
            closed += 1;
        }
        closed
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn awaits_answer(&self) -> bool {
        *lock(&self.phase) == Phase::Offered
    }

    /// Whether it has had `patience` to connect, and has not.
    pub(crate) fn is_late(&self, now: Instant, patience: Duration) -> bool {
        let waiting = matches!(*lock(&self.phase), Phase::Offered | Phase::Connecting);
        waiting && now.saturating_duration_since(self.started) >= patience
    }

    pub(crate) fn streams(&self) -> Vec<Stream> {
        self.media.streams()
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(crate) fn view(&self) -> View {
        let stats = self.pc.stats();
        let channels = lock(&self.channels);
        View {
            id: self.id,
            state: *lock(&self.phase),
            seconds: self.started.elapsed().as_secs_f64(),
            path: stats.path.map(|path| Route { local: path.local, remote: path.remote }),
            dtls_version: stats.dtls_version.map(|version| version.to_string()),
            dtls_cipher: stats.dtls_cipher.map(|cipher| cipher.to_string()),
            dtls_group: stats.dtls_group.map(|group| group.to_string()),
            interleaving: stats.interleaving,
            inits: stats.association.map(|counters| Inits {
                sent: counters.inits_sent,
                received: counters.inits_received,
            }),
            embedded: Embedded {
                sent: stats.datagrams.embedded_sent,
                received: stats.datagrams.embedded_received,
            },
            channels: channels.values().map(|channel| channel.label().into()).collect(),
            media: self.media.streams(),
            count: self.traffic.count(),
        }
    }

    /// Returns why the connection is over.
    async fn follow(self: &Arc<Self>, report: &Report) -> String {
        while let Some(event) = self.pc.next_event().await {
            match event {
                Event::DataChannel(channel) => self.serve(channel),
                Event::IceCandidate(candidate) => self.told.push(candidate.into()),
                Event::Track(transceiver) => self.media.serve(transceiver),
                Event::ConnectionStateChange(ConnectionState::Connected) => {
                    *lock(&self.phase) = Phase::Connected;
                    report.peer(self.id, format_args!("connected{}", path_and_security(&self.pc)));
                }
                Event::ConnectionStateChange(ConnectionState::Disconnected) => {
                    *lock(&self.phase) = Phase::Troubled;
                    report.peer(self.id, "silent: nothing has arrived for some seconds");
                }
                Event::ConnectionStateChange(ConnectionState::Failed) => {
                    let reason = self.pc.close_reason();
                    return reason
                        .map_or_else(|| "cannot be reached".into(), |reason| reason.to_string());
                }
                Event::ConnectionStateChange(ConnectionState::Closed) => break,
                _ => {}
            }
        }
        self.pc.close_reason().map_or_else(|| "hung up".into(), |reason| reason.to_string())
    }

    /// Messages return in the order in which they come. While `send` waits for room nothing is
    /// read, so a peer that does not read what it gets cannot fill our memory.
    async fn echo(&self, channel: &DataChannel) {
        while let Some(message) = channel.recv().await {
            let bytes = message.data.len();
            self.traffic.came_in(bytes);
            if let Err(error) = channel.send(message).await {
                tracing::info!(peer = self.id, label = channel.label(), %error, "cannot send back");
                break;
            }
            self.traffic.went_out(bytes);
        }
        channel.close();
    }
}

/// ` over udp LOCAL -> REMOTE, DTLS 1.3 CIPHER`, as far as it is known.
pub(crate) fn path_and_security(pc: &PeerConnection) -> String {
    let stats = pc.stats();
    let mut words = String::new();
    if let Some(path) = stats.path {
        words += &format!(" over {path}");
    }
    if let (Some(version), Some(cipher)) = (stats.dtls_version, stats.dtls_cipher) {
        words += &format!(", {version} {cipher}");
    }
    words
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
