//! One direction of a network path, with its imperfections.

use core::cmp::Reverse;
use core::convert::Infallible;
use core::fmt;
use core::time::Duration;
use std::collections::BinaryHeap;

use sansio::{Datagram, Ecn, Instant, Machine, Transmit};

use crate::{Dropped, LinkConfig, LinkCounters, Losses, SeededRng};

/// One direction of a network path: what goes in comes out later, or not at all.
///
/// A link is a [`Machine`]: datagrams are sent with `handle_input`, whose error says why one was
/// lost, and arrive through `poll_transmit`; `poll_timeout` is the next arrival. So a network of
/// hosts, NATs and routers is driven as any machines are.
///
/// ```text
///  send ─► tail drop ─► serialization ─► loss ─► delay + jitter ─► duplication, corruption ─► out
///           `queue`        `rate`       `loss`                reordering
/// ```
pub struct Link<P> {
    /// May be changed at any time; what is in flight keeps its fate.
    pub config: LinkConfig,
    /// What happened so far.
    pub counters: LinkCounters,
    rng: SeededRng,
    losses: Losses,
    /// How many datagrams the bottleneck could have sent since the last, with this one.
    slots: u64,
    filter: Option<Filter>,
    /// When the bottleneck has sent everything that waits in front of it.
    idle_at: Instant,
    /// The latest arrival among datagrams that keep their order.
    last_arrival: Instant,
    flying: BinaryHeap<Reverse<Flying<P>>>,
    serial: u64,
    /// Buffers to use again, so that a link in steady state allocates nothing.
    spare: Vec<Vec<u8>>,
}

type Filter = Box<dyn FnMut(&[u8]) -> bool + Send>;

impl<P: Copy> Link<P> {
    /// A link whose chances follow from `seed`.
    pub fn new(config: LinkConfig, seed: u64) -> Self {
        Self {
            config,
            counters: LinkCounters::default(),
            rng: SeededRng::new(seed),
            losses: Losses::default(),
            slots: 1,
            filter: None,
            idle_at: Instant::ZERO,
            last_arrival: Instant::ZERO,
            flying: BinaryHeap::new(),
            serial: 0,
            spare: Vec::new(),
        }
    }

    /// Loses every datagram for which `condemns` returns true, until
    /// [`keep_all`](Self::keep_all).
    pub fn drop_if(&mut self, condemns: impl FnMut(&[u8]) -> bool + Send + 'static) {
        self.filter = Some(Box::new(condemns));
    }

    /// Loses the next `n` datagrams.
    pub fn drop_next(&mut self, n: usize) {
        let mut left = n;
        self.drop_if(move |_| {
            let lost = left > 0;
            left = left.saturating_sub(1);
            lost
        });
    }

    /// Ends what [`drop_if`](Self::drop_if) and [`drop_next`](Self::drop_next) began.
    pub fn keep_all(&mut self) {
        self.filter = None;
    }

    /// How many datagrams are on their way.
    pub fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// Passes the bottleneck: when the last bit of the datagram has left it.
    fn serialize(&mut self, now: Instant, len: usize) -> Result<Instant, Dropped> {
        let Some(rate) = self.config.rate else { return Ok(now) };
        let start = now.max(self.idle_at);
        let idle = start - self.idle_at;
        let waiting = ((start - now).as_nanos() * u128::from(rate)).div_ceil(8_000_000_000);
        // An idle bottleneck takes any datagram: it does not wait.
        if let Some(queue) = self.config.queue
            && waiting > 0
            && waiting + len as u128 > queue as u128
        {
            return Err(Dropped::QueueFull { waiting: waiting as usize });
        }
        let time = Duration::from_nanos((len as u64).saturating_mul(8_000_000_000) / rate);
        self.slots = 1 + (idle.as_nanos() / time.as_nanos().max(1)) as u64;
        self.idle_at = start + time;
        Ok(self.idle_at)
    }

    /// When a datagram that left the bottleneck at `left` arrives.
    fn arrival(&mut self, left: Instant) -> Instant {
        let at = left + self.config.delay + self.rng.up_to(self.config.jitter);
        if self.rng.chance(self.config.reorder) {
            self.counters.reordered += 1;
            return at + self.rng.up_to(self.config.reorder_by);
        }
        self.last_arrival = self.last_arrival.max(at);
        self.last_arrival
    }

    fn launch(&mut self, at: Instant, path: P, ecn: Ecn, data: &[u8]) {
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.extend_from_slice(data);
        if !copy.is_empty() && self.rng.chance(self.config.corrupt) {
            self.counters.corrupted += 1;
            let bit = self.rng.below(copy.len() as u64 * 8) as usize;
            copy[bit / 8] ^= 1 << (bit % 8);
        }
        self.serial += 1;
        self.flying.push(Reverse(Flying { at, serial: self.serial, path, ecn, data: copy }));
    }
}

impl<P: Copy> Machine for Link<P> {
    type Path = P;
    type Event = Infallible;
    type Discard = Dropped;

    /// Sends a datagram.
    ///
    /// # Errors
    ///
    /// Why it will not arrive.
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, P>) -> Result<(), Dropped> {
        let Datagram { path, ecn, data, .. } = input;
        self.counters.sent += 1;
        self.counters.sent_bytes += data.len() as u64;
        if let Some(mtu) = self.config.mtu
            && data.len() > mtu
        {
            self.counters.too_large += 1;
            return Err(Dropped::TooLarge { len: data.len(), mtu });
        }
        let left =
            self.serialize(now, data.len()).inspect_err(|_| self.counters.overflowed += 1)?;
        if self.filter.as_mut().is_some_and(|condemns| condemns(data))
            || self.losses.next(&mut self.rng, self.config.loss, self.config.loss_burst, self.slots)
        {
            self.counters.lost += 1;
            return Err(Dropped::Lost);
        }
        let at = self.arrival(left);
        self.launch(at, path, ecn, data);
        if self.rng.chance(self.config.duplicate) {
            self.counters.duplicated += 1;
            let at = self.arrival(left);
            self.launch(at, path, ecn, data);
        }
        Ok(())
    }

    fn handle_timeout(&mut self, _: Instant) {}

    /// The next datagram that has arrived by `now`, in the order of arrival.
    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<P>> {
        if self.poll_timeout()? > now {
            return None;
        }
        let Reverse(Flying { path, ecn, mut data, .. }) = self.flying.pop()?;
        let len = data.len();
        self.counters.delivered += 1;
        self.counters.delivered_bytes += len as u64;
        buf.extend_from_slice(&data);
        data.clear();
        self.spare.push(data);
        Some(Transmit { ecn, ..Transmit::new(path, len) })
    }

    fn poll_event(&mut self) -> Option<Infallible> {
        None
    }

    /// The next arrival.
    fn poll_timeout(&self) -> Option<Instant> {
        self.flying.peek().map(|next| next.0.at)
    }
}

impl<P> fmt::Debug for Link<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("config", &self.config)
            .field("counters", &self.counters)
            .field("in_flight", &self.flying.len())
            .finish_non_exhaustive()
    }
}

/// A datagram on its way, ordered by arrival and then by sending.
struct Flying<P> {
    at: Instant,
    serial: u64,
    path: P,
    ecn: Ecn,
    data: Vec<u8>,
}

impl<P> Ord for Flying<P> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

impl<P> PartialOrd for Flying<P> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for Flying<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P> Eq for Flying<P> {}

#[cfg(test)]
mod tests;
