//! One call, from dialling to hanging up.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use patchcord::{
    ConnectionState, DataChannel, DataChannelInit, Endpoint, Event, OfferOptions, PeerConnection,
    SessionDescription,
};
use tokio::time::timeout;

use super::{exchange, media::Media, plan::Plan, signal};
use crate::{args::Call, report::Report, session};

/// From both descriptions to an open channel.
const CONNECTING: Duration = Duration::from_secs(20);

/// Calls, verifies, hangs up. An error says what was not as it should be.
pub(crate) async fn run(call: &Call, report: &Report) -> anyhow::Result<()> {
    let endpoint = Endpoint::bind(call.reach.endpoint()).await.context("opening UDP")?;
    let mut config = call.reach.connection();
    config.tcp_active = call.tcp;
    let pc = endpoint.peer_connection(config)?;
    let outcome = tokio::select! {
        outcome = talk(&pc, call, report) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    endpoint.close().await;
    outcome
}

async fn talk(pc: &PeerConnection, call: &Call, report: &Report) -> anyhow::Result<()> {
    let started = Instant::now();
    let channel = pc.create_data_channel("echo", DataChannelInit::default())?;
    let media = if call.no_media { None } else { Some(Media::offer(pc)?) };
    dial(pc, call).await?;
    connect(pc, &channel).await?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    report.say(format_args!("Connected in {ms:.0} ms{}.", session::path_and_security(pc)));

    let plan = Plan::new(seed(), pc.max_message_size());
    let summary = exchange::verify(&channel, plan).await?;
    report.say(summary);
    match media {
        Some(media) => media.verify(report).await,
        None => Ok(()),
    }
}

/// Offer there, answer back.
async fn dial(pc: &PeerConnection, call: &Call) -> anyhow::Result<()> {
    pc.set_local_description(pc.create_offer(OfferOptions::default()).await?).await?;
    pc.gathering_complete().await;
    let offer = pc.local_description().context("the offer is gone")?;
    let Call { url, insecure, .. } = call.clone();
    let posted = tokio::task::spawn_blocking(move || signal::exchange(&url, insecure, &offer.sdp));
    let answer = posted.await.context("the request broke")??;
    let theirs = SessionDescription::answer(answer);
    pc.set_remote_description(theirs).await.context("the server's answer")
}

async fn connect(pc: &PeerConnection, channel: &DataChannel) -> anyhow::Result<()> {
    let failed = async {
        while let Some(event) = pc.next_event().await {
            match event {
                Event::ConnectionStateChange(ConnectionState::Failed) => break,
                Event::IceCandidateError(error) => {
                    tracing::warn!("{} is of no use: {}", error.url, error.text);
                }
                _ => {}
            }
        }
    };
    let open = async {
        tokio::select! {
            opened = channel.opened() => ensure!(opened, "the channel closed before it opened"),
            () = failed => bail!("no connection: UDP to the server may be blocked (see --tcp and --ice-server)"),
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
