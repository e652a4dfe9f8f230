//! How a NAT maps and filters, asked of a server with RFC 5780.

use std::{io, net::SocketAddr, time::Duration};

use patchcord::Random;
use sansio::{Clock, Datagram, Machine, Path};
use stun::{
    Schedule,
    behavior::{Behavior, Discovery},
};
use tokio::time::timeout_at;

use crate::approach::Approach;

/// Silence is an answer here: it takes 7 × `rto` to be told.
fn schedule(round_trip: Option<Duration>) -> Schedule {
    let rto = round_trip.unwrap_or(Duration::from_millis(250)) * 2;
    let rto = rto.clamp(Duration::from_millis(80), Duration::from_millis(400));
    Schedule { rto, requests: 3, patience: 4 }
}

/// What has been found out when there is nothing left to ask, or when the time is up.
pub(crate) async fn discover(
    approach: Approach,
    server: SocketAddr,
    round_trip: Option<Duration>,
    limit: Duration,
) -> io::Result<Behavior> {
    let socket = approach.bind().await?;
    let path = Path::udp(socket.local_addr()?, server);
    let clock = Clock::start();
    let rng = Random::from_system().map_err(io::Error::other)?;
    let mut discovery = Discovery::new(clock.now(), path, schedule(round_trip), Box::new(rng));
    let end = clock.now() + limit;
    let (mut out, mut buf) = (Vec::new(), vec![0; 2048]);
    loop {
        let now = clock.now();
        discovery.handle_timeout(now);
        while let Some(transmit) = discovery.poll_transmit(now, &mut out) {
            let _ = socket.send_to(&out, approach.outward(transmit.path.remote)).await;
            out.clear();
        }
        let due = discovery.poll_timeout().filter(|_| now < end);
        let Some(due) = due else { return Ok(discovery.behavior()) };
        let until = clock.std(due.min(end)).into();
        if let Ok(Ok((count, source))) = timeout_at(until, socket.recv_from(&mut buf)).await {
            let (now, path) = (clock.now(), Path { remote: approach.inward(source), ..path });
            // What answers nothing is somebody else's.
            let _ = discovery.handle_input(now, Datagram::new(path, now, &mut buf[..count]));
        }
    }
}
