//! TCP to whichever address of a host answers first, RFC 8305 §5.

use core::net::SocketAddr;
use std::io;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::servers::STAGGER;

/// Tries one address after the other, each as soon as the one before has failed, or has not answered
/// for [`STAGGER`]; those before go on. The first connection counts, the others are given up.
///
/// # Errors
///
/// None answers: what the last one to fail has said.
pub(super) async fn first<C, S>(
    addresses: impl ExactSizeIterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> C,
) -> io::Result<S>
where
    C: Future<Output = io::Result<S>> + Send + 'static,
    S: Send + 'static,
{
    let (mut addresses, mut attempts) = (addresses, JoinSet::new());
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    loop {
        if let Some(address) = addresses.next() {
            attempts.spawn(connect(address));
        }
        let ended = if addresses.len() > 0 {
            timeout(STAGGER, attempts.join_next()).await
        } else {
            Ok(attempts.join_next().await)
        };
        match ended {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(error)))) => failure = error,
            Ok(Some(Err(error))) => failure = error.into(),
            Ok(None) => return Err(failure),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::sync::{Arc, Mutex};

    use tokio::time::{Instant, sleep};

    use super::*;

    /// What becomes of an attempt, and after how many milliseconds.
    type Fate = (Option<bool>, u64);

    /// Who is connected, when, and when each attempt began.
    async fn raced(fates: &[Fate]) -> (io::Result<usize>, u128, Vec<u128>) {
        let (start, begun) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let addresses = fates.iter().zip(0..).map(|(_, n)| SocketAddr::from(([192, 0, 2, n], 1)));
        let addresses: Vec<_> = addresses.collect();
        let outcome = first(addresses.into_iter(), |address| {
            let std::net::IpAddr::V4(ip) = address.ip() else { unreachable!() };
            let n = usize::from(ip.octets()[3]);
            let ((fate, after), begun) = (fates[n], Arc::clone(&begun));
            async move {
                begun.lock().unwrap().push(start.elapsed().as_millis());
                sleep(Duration::from_millis(after)).await;
                match fate {
                    Some(true) => Ok(n),
                    Some(false) => Err(io::ErrorKind::ConnectionRefused.into()),
                    None => core::future::pending().await,
                }
            }
        })
        .await;
        let begun = begun.lock().unwrap().clone();
        (outcome, start.elapsed().as_millis(), begun)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_connection_counts() {
        const ACCEPTS: Option<bool> = Some(true);
        const REFUSES: Option<bool> = Some(false);
        let table: [(&[Fate], usize, u128, &[u128]); 6] = [
            (&[(ACCEPTS, 20), (ACCEPTS, 0)], 0, 20, &[0]),
            // Refused: the next one at once. Silent: after a quarter of a second.
            (&[(REFUSES, 20), (ACCEPTS, 20)], 1, 40, &[0, 20]),
            (&[(None, 0), (ACCEPTS, 20)], 1, 270, &[0, 250]),
            // The slow one is not given up for it, and may win yet.
            (&[(ACCEPTS, 300), (ACCEPTS, 100)], 0, 300, &[0, 250]),
            (&[(None, 0), (REFUSES, 0), (ACCEPTS, 5)], 2, 255, &[0, 250, 250]),
            (&[(ACCEPTS, 900), (None, 0), (REFUSES, 9)], 0, 900, &[0, 250, 500]),
        ];
        for (fates, winner, at, begun) in table {
            let (outcome, elapsed, attempts) = raced(fates).await;
            assert_eq!(
                (outcome.unwrap(), elapsed, &attempts[..]),
                (winner, at, begun),
                "{fates:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_answers() {
        let (outcome, elapsed, _) = raced(&[(Some(false), 10), (Some(false), 10)]).await;
        let kind = outcome.map_err(|error| error.kind());
        assert_eq!((kind, elapsed), (Err(io::ErrorKind::ConnectionRefused), 20));
        let (outcome, ..) = raced(&[]).await;
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
