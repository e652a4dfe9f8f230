//! A host that says what it is told to, and keeps what it hears.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use patchcord_testkit::internet::{Host, Internet, Place, StreamNews, StreamRequest};
use sansio::{Datagram, Instant, Path, Transmit, Transport};

#[derive(Debug, Default)]
pub(crate) struct Talker {
    pub(crate) to_say: VecDeque<(Path, Vec<u8>)>,
    pub(crate) requests: VecDeque<StreamRequest>,
    pub(crate) heard: Vec<(Instant, Path, Vec<u8>)>,
    pub(crate) news: Vec<(Instant, Path, StreamNews)>,
    /// Listens on this port, for TCP and TLS.
    pub(crate) port: Option<u16>,
}

impl Host for Talker {
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) {
        self.heard.push((now, input.path, input.data.to_vec()));
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let (path, data) = self.to_say.pop_front()?;
        buf.extend_from_slice(&data);
        Some(Transmit::new(path, data.len()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn poll_stream(&mut self) -> Option<StreamRequest> {
        self.requests.pop_front()
    }

    fn handle_stream(&mut self, now: Instant, path: Path, news: StreamNews) {
        self.news.push((now, path, news));
    }

    fn listens(&self, local: SocketAddr, _: Transport) -> bool {
        Some(local.port()) == self.port
    }
}

pub(crate) type Net = Internet<Talker>;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[track_caller]
pub(crate) fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Sends a datagram, and says from where it arrived at `there`; nothing if it did not.
pub(crate) fn say(
    net: &mut Net,
    here: Place,
    local: &str,
    there: Place,
    to: SocketAddr,
) -> Option<SocketAddr> {
    net[here].to_say.push_back((Path::udp(at(local), to), b"hello".to_vec()));
    net.run_for(ms(200));
    net[there].heard.pop().map(|(_, path, _)| path.remote)
}
