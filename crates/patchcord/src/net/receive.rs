//! The buffers of one batch.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::io::IoSliceMut;
use std::time::SystemTime;

use quinn_udp::{BATCH_SIZE, EcnCodepoint, RecvMeta};
use sansio::{Ecn, Instant};

/// Room for one batch: as many buffers as a system call fills, each as large as a coalesced
/// receive can be. The system backs with memory only what was written to.
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    metas: [RecvMeta; BATCH_SIZE],
}

/// One datagram of a batch.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) remote: SocketAddr,
    /// The address that it was sent to, as far as the system tells.
    pub(crate) destination: Option<IpAddr>,
    pub(crate) ecn: Ecn,
    pub(crate) received: Instant,
    pub(crate) data: &'a mut [u8],
}

impl Inbox {
    /// The kernel coalesces up to 64 KiB.
    const BUFFER: usize = 1 << 16;

    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; Self::BUFFER * BATCH_SIZE], metas: [RecvMeta::default(); BATCH_SIZE] }
    }

    /// Lets `receive` fill the buffers.
    pub(crate) fn fill<R>(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> R,
    ) -> R {
        let mut chunks = self.bytes.chunks_exact_mut(Self::BUFFER);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            core::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        receive(&mut slices, &mut self.metas)
    }

    /// One of the buffers, for what is no datagram.
    pub(crate) fn chunk(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..Self::BUFFER).unwrap_or_default()
    }

    /// The datagrams of the first `count` buffers.
    pub(crate) fn arrivals(
        &mut self,
        count: usize,
        now: Instant,
    ) -> impl Iterator<Item = Arrival<'_>> {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let wall = since_epoch.unwrap_or(Duration::ZERO);
        self.bytes
            .chunks_exact_mut(Self::BUFFER)
            .zip(&self.metas)
            .take(count)
            .flat_map(move |(buffer, meta)| split(buffer, meta, now, wall))
    }
}

/// Cuts a buffer into its datagrams. An empty datagram is nobody's.
fn split<'a>(
    buffer: &'a mut [u8],
    meta: &RecvMeta,
    now: Instant,
    wall: Duration,
) -> impl Iterator<Item = Arrival<'a>> {
    /// A wall clock that was set in between does not make a datagram older than this.
    const OLDEST: Duration = Duration::from_secs(1);
    let RecvMeta { addr: remote, dst_ip: destination, .. } = *meta;
    let age = meta.timestamp.map_or(Duration::ZERO, |stamp| wall.saturating_sub(stamp));
    let received = now - if age > OLDEST { Duration::ZERO } else { age };
    let ecn = match meta.ecn {
        None => Ecn::NotEct,
        Some(EcnCodepoint::Ect0) => Ecn::Ect0,
        Some(EcnCodepoint::Ect1) => Ecn::Ect1,
        Some(EcnCodepoint::Ce) => Ecn::Ce,
    };
    buffer
        .get_mut(..meta.len)
        .unwrap_or_default()
        .chunks_mut(meta.stride.max(1))
        .map(move |data| Arrival { remote, destination, ecn, received, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lens(len: usize, stride: usize) -> Vec<usize> {
        let mut meta = RecvMeta::default();
        (meta.len, meta.stride) = (len, stride);
        let mut buffer = [0; 100];
        split(&mut buffer, &meta, Instant::ZERO, Duration::ZERO).map(|a| a.data.len()).collect()
    }

    #[test]
    fn a_coalesced_buffer_is_cut_at_its_stride() {
        assert_eq!(lens(100, 100), [100]);
        assert_eq!(lens(95, 30), [30, 30, 30, 5]);
        assert_eq!(lens(0, 0), [0; 0]);
        assert_eq!(lens(101, 101), [0; 0], "more than the buffer holds");
    }

    #[test]
    fn the_kernels_time_stamp_becomes_the_time_of_arrival() {
        let (now, wall) = (Instant::from_millis(5000), Duration::from_secs(1_700_000_000));
        let received = |stamp: Option<Duration>| {
            let mut meta = RecvMeta::default();
            (meta.len, meta.stride, meta.timestamp) = (1, 1, stamp);
            split(&mut [0; 4], &meta, now, wall).next().unwrap().received
        };
        let ms = Duration::from_millis;
        assert_eq!(received(None), now);
        assert_eq!(received(Some(wall - ms(3))), now - ms(3));
        assert_eq!(received(Some(wall + ms(3))), now, "never in the future");
        assert_eq!(received(Some(wall - ms(3_600_000))), now, "the clock was set");
    }
}
