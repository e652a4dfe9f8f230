//! For how long a mapping is kept that nobody uses, RFC 5780 §4.6.
//!
//! ```text
//!   X ── Binding ──►           mapped at port p
//!   …    nothing, for a while
//!   Y ── Binding, RESPONSE-PORT p ──►
//!   X ◄─ the response          or not: then the mapping is gone
//! ```

use std::{io, net::SocketAddr, time::Duration};

use stun::{AttributeType, Class};
use tokio::task::JoinSet;

use crate::{approach::Approach, binding::Asker, report::Lifetime};

/// Seconds of silence; each has a socket of its own, and all wait at once.
const SILENCES: [u64; 12] = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600];

/// Waits for `longest` at most. `None`: the server does not know RESPONSE-PORT.
pub(crate) async fn look(
    approach: Approach,
    server: SocketAddr,
    longest: Duration,
) -> Option<Lifetime> {
    let mut waiting = JoinSet::new();
    for seconds in SILENCES.into_iter().filter(|seconds| *seconds <= longest.as_secs()) {
        waiting.spawn(async move {
            let outlived = outlives(approach, server, Duration::from_secs(seconds)).await;
            (seconds, outlived.ok().flatten())
        });
    }
    let mut outcomes = Vec::new();
    while let Some(outcome) = waiting.join_next().await {
        outcomes.extend(outcome.ok());
    }
    summary(&outcomes)
}

/// The longest silence that was outlived, and the shortest after it that was not.
fn summary(outcomes: &[(u64, Option<bool>)]) -> Option<Lifetime> {
    let with = |wanted| {
        outcomes
            .iter()
            .filter(move |(_, alive)| *alive == Some(wanted))
            .map(|(seconds, _)| *seconds)
    };
    let alive_s = with(true).max();
    let gone_s = with(false).filter(|gone| alive_s.is_none_or(|alive| *gone > alive)).min();
    (alive_s.is_some() || gone_s.is_some()).then_some(Lifetime { alive_s, gone_s })
}

async fn outlives(
    approach: Approach,
    server: SocketAddr,
    silence: Duration,
) -> io::Result<Option<bool>> {
    let (mut x, mut y) = (Asker::bind(approach).await?, Asker::bind(approach).await?);
    let Some(mapped) = x.ask(server).await.and_then(|answer| answer.mapped) else {
        return Ok(None);
    };
    tokio::time::sleep(silence).await;
    let (port, mut ids) = (mapped.port().to_be_bytes(), Vec::new());
    // A server that does not know the attribute tells Y so.
    let (mut refused, window) = (false, Duration::from_millis(300));
    for _ in 0..4 {
        ids.push(y.send(server, (AttributeType::RESPONSE_PORT, &port)).await);
        let (until, and_y) = (x.after(window), y.after(window));
        tokio::select! {
            Some(_) = x.hear(&ids, until) => return Ok(Some(true)),
            Some((_, class)) = y.hear(&ids, and_y) => refused |= class == Class::ErrorResponse,
            else => {}
        }
    }
    Ok((!refused).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_lies_between_two_silences() {
        let lifetime = |alive_s, gone_s| Some(Lifetime { alive_s, gone_s });
        let (yes, no) = (Some(true), Some(false));
        let table = [
            (vec![], None),
            (vec![(5, None), (10, None)], None),
            (vec![(30, yes), (5, yes), (60, no), (120, no)], lifetime(Some(30), Some(60))),
            (vec![(5, yes), (10, no), (15, yes)], lifetime(Some(15), None)),
            (vec![(5, no), (10, no)], lifetime(None, Some(5))),
        ];
        for (outcomes, expected) in table {
            assert_eq!(summary(&outcomes), expected, "{outcomes:?}");
        }
    }
}
