//! Sending, and looking closely at what returns.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use patchcord::{DataChannel, Message};
use tokio::{sync::mpsc, time::timeout};

use super::{
    plan::{COUNT, Plan},
    summary::Summary,
};

/// Messages under way at a time: enough to fill a path, few enough that round trips mean something.
const WINDOW: usize = 32;
/// A channel that brings nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(15);

/// Sends all messages of `plan` and compares each with its echo, in order.
pub(crate) async fn verify(channel: &DataChannel, plan: Plan) -> anyhow::Result<Summary> {
    let (sent, due) = mpsc::channel(WINDOW);
    let started = Instant::now();
    let (sending, returned) =
        tokio::join!(send_all(channel, plan, sent), compare_all(channel, plan, due));
    // A failed comparison ends the sending too, so it is the one to tell about.
    let mut summary = returned?;
    sending?;
    summary.time = started.elapsed();
    Ok(summary)
}

async fn send_all(
    channel: &DataChannel,
    plan: Plan,
    sent: mpsc::Sender<Instant>,
) -> anyhow::Result<()> {
    for n in 0..COUNT {
        let message = plan.message(n);
        // Waits while WINDOW messages are under way; an error means that the comparison is over.
        if sent.send(Instant::now()).await.is_err() {
            break;
        }
        channel.send(message).await.with_context(|| format!("sending message {n}"))?;
    }
    Ok(())
}

async fn compare_all(
    channel: &DataChannel,
    plan: Plan,
    mut due: mpsc::Receiver<Instant>,
) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    for n in 0..COUNT {
        let Ok(message) = timeout(SILENCE, channel.recv()).await else {
            bail!("message {n} did not come back within {} s", SILENCE.as_secs());
        };
        let message = message.with_context(|| format!("the channel closed before message {n}"))?;
        let sent = due.recv().await.context("more came back than was sent")?;
        summary.round_trips.push(sent.elapsed());
        summary.bytes += message.data.len() as u64;
        compare(n, &plan.message(n), &message)?;
    }
    Ok(summary)
}

fn compare(n: u32, sent: &Message, back: &Message) -> anyhow::Result<()> {
    let kinds = (sent.kind, back.kind);
    ensure!(kinds.0 == kinds.1, "message {n} was {:?} and came back {:?}", kinds.0, kinds.1);
    let sizes = (sent.data.len(), back.data.len());
    ensure!(sizes.0 == sizes.1, "message {n} had {} bytes and came back with {}", sizes.0, sizes.1);
    let differing = sent.data.iter().zip(&back.data).position(|(sent, back)| sent != back);
    if let Some(at) = differing {
        bail!("message {n} of {} bytes came back changed at byte {at}", sizes.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use patchcord::MessageKind;

    use super::*;

    #[test]
    fn any_difference_is_named() {
        let message = |kind, data: &'static str| Message { kind, data: data.into() };
        let sent = message(MessageKind::Text, "four");
        let table = [
            (message(MessageKind::Text, "four"), ""),
            (message(MessageKind::Binary, "four"), "came back Binary"),
            (message(MessageKind::Text, "fours"), "came back with 5"),
            (message(MessageKind::Text, "foul"), "changed at byte 3"),
        ];
        for (back, expected) in table {
            let said = compare(9, &sent, &back).map_or_else(|e| e.to_string(), |()| String::new());
            assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{said}");
        }
    }
}
