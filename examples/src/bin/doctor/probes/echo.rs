//! What comes back through a relay: whether, how soon, and how much.
//!
//! ```text
//!   us ── A ──► relay ─┐         two allocations of ours,
//!   us ◄─ B ─── relay ◄┘         each the peer of the other one
//!
//!   us ── A ──► relay ─┐         if the server will not relay to itself:
//!   us ◄─ UDP ─────────┘         a plain socket of ours is the peer
//! ```

use std::{io, net::SocketAddr, time::Duration};

use sansio::{Clock, Instant};
use turn::client::Event;

use crate::{
    allocation::{Allocation, Step},
    binding::Asker,
    report::Way,
};

/// Round trips that are measured; the median counts.
const PINGS: u32 = 9;
/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the sample of throughput is.
const SAMPLE: Duration = Duration::from_millis(800);
/// What it may cost whoever pays for the relay.
const MOST: u32 = 6000;
/// Bytes of each.
const PAYLOAD: usize = 1000;
/// Packets under way: twice as many each round trip, half as many when one is lost.
const FIRST_WINDOW: u32 = 10;
const LAST_WINDOW: u32 = 512;
/// Nothing more comes after this long.
const QUIET: Duration = Duration::from_millis(300);

/// The other end, where what is sent comes back.
pub(crate) enum Far {
    Allocation(Box<Allocation>, SocketAddr),
    Socket(Box<Asker>, SocketAddr),
}

/// What a sample of throughput has shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flood {
    /// Bits in a second; `None`: too few came to tell.
    pub(crate) rate: Option<f64>,
    /// Packets that did not come back.
    pub(crate) lost: u32,
}

/// A way through the relay from `near` to `far`.
pub(crate) struct Loop {
    clock: Clock,
    near: Allocation,
    far: Far,
}

impl Far {
    /// Where the relay sends what is for this end.
    const fn address(&self) -> SocketAddr {
        match self {
            Self::Allocation(_, address) | Self::Socket(_, address) => *address,
        }
    }

    const fn way(&self) -> Way {
        match self {
            Self::Allocation(..) => Way::TwoAllocations,
            Self::Socket(..) => Way::BackToUs,
        }
    }

    async fn close(self, until: Instant) {
        if let Self::Allocation(far, _) = self {
            far.close(until).await;
        }
    }
}

impl Loop {
    pub(crate) const fn new(clock: Clock, near: Allocation, far: Far) -> Self {
        Self { clock, near, far }
    }

    /// Opens the way: each end gets its permission. False: the server does not let us.
    pub(crate) async fn open(&mut self, until: Instant) -> bool {
        let (Some(from), to) = (self.near.relayed(), self.far.address()) else { return false };
        self.near.bind(to);
        match &mut self.far {
            Far::Allocation(far, _) => far.bind(from),
            // What it sends opens its own NAT for what comes back.
            Far::Socket(asker, _) => asker.send_bytes(b"open", from).await,
        }
        loop {
            let far_bound = match &self.far {
                Far::Allocation(far, _) => far.is_bound(from),
                Far::Socket(..) => true,
            };
            if self.near.is_bound(to) && far_bound {
                return true;
            }
            match self.turn(until).await {
                Ok(
                    Turn::Event(
                        Event::PermissionRefused { .. }
                        | Event::ChannelRefused { .. }
                        | Event::Closed(_),
                    )
                    | Turn::Late,
                )
                | Err(_) => return false,
                Ok(_) => {}
            }
        }
    }

    pub(crate) const fn way(&self) -> Way {
        self.far.way()
    }

    /// The median of some round trips; `None`: none came back.
    pub(crate) async fn ping(&mut self, until: Instant) -> io::Result<Option<Duration>> {
        let mut times = Vec::new();
        for number in 0..PINGS {
            let sent = self.clock.now();
            self.near.send(self.far.address(), &number.to_be_bytes()).await?;
            loop {
                match self.turn(until.min(sent + PATIENCE)).await? {
                    Turn::Back(back) if back == number => {
                        times.push(self.clock.now() - sent);
                        break;
                    }
                    Turn::Late => break,
                    _ => {}
                }
            }
        }
        times.sort();
        Ok(times.get(times.len() / 2).copied())
    }

    /// How much comes back in a second, and how many packets do not come back.
    pub(crate) async fn flood(&mut self, until: Instant) -> io::Result<Flood> {
        let end = until.min(self.clock.now() + SAMPLE);
        let mut packet = [0; PAYLOAD];
        let (mut sent, mut window, mut arrivals) = (0, Window::default(), Vec::new());
        let mut last = self.clock.now();
        loop {
            while self.clock.now() < end && sent < MOST && window.has_room(sent) {
                packet[..4].copy_from_slice(&(PINGS + sent).to_be_bytes());
                self.near.send(self.far.address(), &packet).await?;
                sent += 1;
            }
            let quiet = until.min(last + QUIET);
            match self.turn(quiet).await? {
                Turn::Back(number) if number >= PINGS => {
                    last = self.clock.now();
                    arrivals.push(last);
                    window.arrived(number - PINGS, sent);
                }
                Turn::Late if self.clock.now() >= quiet => break,
                _ => {}
            }
        }
        let came = u32::try_from(arrivals.len()).unwrap_or(u32::MAX);
        Ok(Flood { rate: rate(&arrivals), lost: sent.saturating_sub(came) })
    }

    /// Drives both ends until one has something to tell.
    async fn turn(&mut self, until: Instant) -> io::Result<Turn> {
        let step = match &mut self.far {
            Far::Allocation(far, _) => tokio::select! {
                step = self.near.step(until) => step?,
                step = far.step(until) => step?,
            },
            Far::Socket(asker, _) => {
                let until_here = asker.after(until.saturating_since(self.clock.now()));
                tokio::select! {
                    step = self.near.step(until) => step?,
                    heard = asker.receive(until_here) => match heard {
                        Some((data, _)) => Step::Heard(data.to_vec()),
                        None => Step::Late,
                    },
                }
            }
        };
        Ok(match step {
            Step::Heard(data) => match data.first_chunk::<4>() {
                Some(number) => Turn::Back(u32::from_be_bytes(*number)),
                None => Turn::Other,
            },
            Step::Event(event) => Turn::Event(event),
            Step::Late => Turn::Late,
        })
    }

    /// Gives back what was allocated.
    pub(crate) async fn close(self, until: Instant) {
        let (near, far) = (self.near, self.far);
        tokio::join!(near.close(until), far.close(until));
    }

    /// Gives back the far end only.
    pub(crate) async fn into_near(self, until: Instant) -> Allocation {
        self.far.close(until).await;
        self.near
    }
}

/// What has come of a while.
enum Turn {
    Back(u32),
    Event(Event),
    Other,
    Late,
}

/// Which packets may be under way.
#[derive(Debug)]
struct Window {
    size: u32,
    /// The one after the newest that came back. Those before it that did not are lost.
    next: u32,
    /// Losses before this one are the same trouble.
    recovered: u32,
}

impl Default for Window {
    fn default() -> Self {
        Self { size: FIRST_WINDOW, next: 0, recovered: 0 }
    }
}

impl Window {
    const fn has_room(&self, sent: u32) -> bool {
        sent.saturating_sub(self.next) < self.size
    }

    /// A packet came back, when so many had been sent.
    fn arrived(&mut self, number: u32, sent: u32) {
        if number > self.next && number >= self.recovered {
            self.size = (self.size / 2).max(FIRST_WINDOW);
            self.recovered = sent;
        } else if self.recovered == 0 {
            self.size = (self.size + 1).min(LAST_WINDOW);
        }
        self.next = self.next.max(number + 1);
    }
}

/// Of the later half of the arrivals: the beginning is slow.
fn rate(arrivals: &[Instant]) -> Option<f64> {
    let later = arrivals.get(arrivals.len() / 2..)?;
    let (first, last) = (later.first()?, later.last()?);
    let time = last.saturating_since(*first).as_secs_f64();
    let bits = (later.len().saturating_sub(1) * PAYLOAD * 8) as f64;
    (later.len() >= 10 && time > 0.0).then(|| bits / time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_until_something_is_lost() {
        let mut window = Window::default();
        assert!(window.has_room(9) && !window.has_room(10));
        (0..30).for_each(|number| window.arrived(number, 40));
        assert_eq!((window.size, window.next), (40, 30));
        // 30 is lost, and 33: one trouble.
        window.arrived(31, 70);
        assert_eq!((window.size, window.next), (20, 32));
        window.arrived(32, 70);
        window.arrived(34, 70);
        assert_eq!(window.size, 20);
        assert!(!window.has_room(70));
        window.arrived(72, 75);
        assert_eq!(window.size, 10);
    }

    #[test]
    fn the_rate_is_that_of_the_later_half() {
        let slow = (0..20).map(|number| Instant::from_millis(100 * number));
        let fast = (0..20).map(|number| Instant::from_millis(2000 + number));
        let arrivals: Vec<Instant> = slow.chain(fast).collect();
        assert_eq!(rate(&arrivals), Some(8e6));
        assert_eq!(rate(&arrivals[..15]), None, "too few");
        assert_eq!(rate(&[]), None);
    }
}
