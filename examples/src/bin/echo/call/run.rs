//! One call, from dialling to hanging up.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use patchcord::{
    ConnectionState, DataChannel, DataChannelInit, Endpoint, Event, PeerConnection,
    SessionDescription,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

use super::{exchange, media::Media, plan::Plan, signal::Server, trickle};
use crate::{args::Call, candidates::Candidate, report::Report, session};

/// From both descriptions to an open channel.
const CONNECTING: Duration = Duration::from_secs(20);

/// Calls, verifies, hangs up. An error says what was not as it should be.
pub(crate) async fn run(call: &Call, report: &Report) -> anyhow::Result<()> {
    let server = Server::new(&call.url, call.insecure)?;
    let endpoint = Endpoint::bind(call.reach.endpoint()).await.context("opening UDP")?;
    let mut config = call.reach.connection();
    config.tcp_active = call.tcp;
    let pc = endpoint.peer_connection(config)?;
    let outcome = tokio::select! {
        outcome = talk(&pc, server, call, report) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    endpoint.close().await;
    outcome
}

async fn talk(
    pc: &PeerConnection,
    server: Server,
    call: &Call,
    report: &Report,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let channel = pc.create_data_channel("echo", DataChannelInit::default())?;
    let media = if call.no_media { None } else { Some(Media::offer(pc)?) };
    // Beside the call, as long as it lasts: a better path than the first one may come later.
    let mut beside = JoinSet::new();
    let (tell, ours) = mpsc::unbounded_channel();
    let (fail, failed) = oneshot::channel();
    beside.spawn(follow(pc.clone(), tell, fail));
    if let Some(id) = dial(pc, &server).await? {
        beside.spawn(trickle::run(pc.clone(), server, id, ours));
    }
    connect(&channel, failed).await?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    report.say(format_args!("Connected in {ms:.0} ms{}.", session::path_and_security(pc)));

    let path = pc.stats().path;
    let plan = Plan::new(seed(), pc.max_message_size());
    let summary = exchange::verify(&channel, plan).await?;
    if let Some(now) = pc.stats().path.filter(|now| path.as_ref() != Some(now)) {
        report.say(format_args!("Then a better path was found: {now}."));
    }
    report.say(summary);
    match media {
        Some(media) => media.verify(report).await,
        None => Ok(()),
    }
}

/// Offer there, answer back. If the server takes candidates apart from descriptions, nobody waits for
/// them, and this returns who we are there.
async fn dial(pc: &PeerConnection, server: &Server) -> anyhow::Result<Option<u64>> {
    let offer = || pc.local_description().context("the offer is gone");
    pc.set_local_description(None).await?;
    let early = server.trickle(&offer()?.sdp).await?;
    let id = early.as_ref().and_then(|answer| answer.id);
    let answer = match early {
        Some(answer) => answer,
        None => {
            tracing::info!("the server takes no candidates apart: gathering all of ours first");
            pc.gathering_complete().await;
            server.offer(&offer()?.sdp).await?
        }
    };
    let theirs = SessionDescription::answer(answer.sdp);
    pc.set_remote_description(theirs).await.context("the server's answer")?;
    Ok(id)
}

/// Passes on what the connection tells of itself.
async fn follow(
    pc: PeerConnection,
    ours: mpsc::UnboundedSender<Candidate>,
    fail: oneshot::Sender<()>,
) {
    while let Some(event) = pc.next_event().await {
        match event {
            // Nobody takes them from a call without trickle.
            Event::IceCandidate(candidate) => drop(ours.send(candidate.into())),
            Event::IceCandidateError(error) => {
                tracing::warn!("{} is of no use: {}", error.url, error.text);
            }
            Event::ConnectionStateChange(ConnectionState::Failed) => break,
            _ => {}
        }
    }
    let _ = fail.send(());
}

async fn connect(channel: &DataChannel, failed: oneshot::Receiver<()>) -> anyhow::Result<()> {
    let open = async {
        tokio::select! {
            opened = channel.opened() => ensure!(opened, "the channel closed before it opened"),
            _ = failed => bail!("no connection: UDP to the server may be blocked (see --tcp and --ice-server)"),
        }
        Ok(())
    };
    let seconds = CONNECTING.as_secs();
    timeout(CONNECTING, open).await.with_context(|| format!("not connected after {seconds} s"))?
}

/// Differs from call to call; what is sent need not be secret.
fn seed() -> u64 {
    let time = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    time.as_nanos() as u64
}
