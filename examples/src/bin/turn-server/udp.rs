//! One UDP socket with all that the system has to offer: batches, segmentation, ECN, DF.

#[cfg(target_os = "linux")]
use std::cell::Cell;
use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
};

use quinn_udp::{BATCH_SIZE, EcnCodepoint, RecvMeta, Transmit, UdpSocketState};
use sansio::{Ecn, Path};
use socket2::{Domain, Protocol, Type};
use tokio::io::{Interest, Ready};
#[cfg(target_os = "linux")]
use turn::attribute::Icmp;

#[derive(Debug)]
pub(crate) struct Socket {
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
    /// Whether what is sent now must not be fragmented.
    #[cfg(target_os = "linux")]
    whole: Cell<bool>,
    /// To whom the last datagram was that must not be fragmented.
    #[cfg(target_os = "linux")]
    whole_to: Cell<Option<SocketAddr>>,
}

impl Socket {
    /// What the kernel is asked to buffer, each way, for one that serves all clients.
    pub(crate) const SHARED: usize = 4 << 20;

    /// Errors only where they are taken: what is ready stays so until then.
    const AWAITED: Interest = if cfg!(target_os = "linux") {
        Interest::READABLE.add(Interest::ERROR)
    } else {
        Interest::READABLE
    };

    /// Binds a socket. One for IPv6 takes no IPv4.
    pub(crate) fn bind(address: SocketAddr, buffer: Option<usize>) -> io::Result<Self> {
        let domain = Domain::for_address(address);
        let socket = socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        let state = UdpSocketState::new((&socket).into())?;
        if let Some(buffer) = buffer {
            // Best effort: the system may have its own limits.
            let _ = state.set_recv_buffer_size((&socket).into(), buffer);
            let _ = state.set_send_buffer_size((&socket).into(), buffer);
        }
        let io = tokio::net::UdpSocket::from_std(socket.into())?;
        Ok(Self {
            address: io.local_addr()?,
            io,
            state,
            // So quinn-udp has left it.
            #[cfg(target_os = "linux")]
            whole: Cell::new(true),
            #[cfg(target_os = "linux")]
            whole_to: Cell::new(None),
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for datagrams, or for errors.
    pub(crate) async fn readable(&self) -> io::Result<Ready> {
        self.io.ready(Self::AWAITED).await
    }

    /// Has the system keep ICMP errors, where it can.
    #[cfg(target_os = "linux")]
    pub(crate) fn keep_errors(&self) -> io::Result<()> {
        crate::icmp::keep(&self.io, self.address)
    }

    /// The next ICMP error that was kept, and the peer that it is about; `WouldBlock`: there is
    /// none.
    #[cfg(target_os = "linux")]
    pub(crate) fn next_error(&self) -> io::Result<Option<(SocketAddr, Icmp)>> {
        let next = self.io.try_io(Interest::ERROR, || crate::icmp::next(&self.io))?;
        let Some((peer, error)) = next else { return Ok(None) };
        // Of a datagram to an IPv4 address that has not left, Linux does not tell the port.
        let known = self.whole_to.get().filter(|it| peer.port() == 0 && it.ip() == peer.ip());
        Ok(Some((known.unwrap_or(peer), error)))
    }

    /// Receives a batch; each buffer may hold several datagrams of equal size.
    ///
    /// A batch that is not full has emptied the socket: that is noted as if the next call had found
    /// it empty, which saves that call. What arrives meanwhile wakes us as it always does.
    pub(crate) fn receive(&self, inbox: &mut Inbox) -> io::Result<usize> {
        let mut count = 0;
        let outcome = self.io.try_io(Interest::READABLE, || {
            let Inbox { bytes, metas } = inbox;
            let mut buffers = bytes.chunks_mut(Inbox::BUFFER);
            let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
                core::array::from_fn(|_| IoSliceMut::new(buffers.next().unwrap_or_default()));
            count = self.state.recv((&self.io).into(), &mut slices, metas)?;
            if count < BATCH_SIZE { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(count),
        }
    }

    /// Sends a run of datagrams to one address.
    pub(crate) fn send(&self, run: &Run, bytes: &[u8]) -> io::Result<()> {
        self.prepare(run)?;
        match self.send_segmented(run, bytes) {
            // What fits into no packet is not segmented either, but each may be fragmented alone.
            Err(error) if run.count > 1 && error.kind() != io::ErrorKind::WouldBlock => {
                run.single().try_for_each(|one| self.send_segmented(&one, bytes))
            }
            sent => sent,
        }
    }

    #[cfg(target_os = "linux")]
    fn prepare(&self, run: &Run) -> io::Result<()> {
        let whole = run.dont_fragment;
        if self.whole.get() != whole {
            crate::fragments::set(&self.io, self.address, whole)?;
            self.whole.set(whole);
        }
        if whole {
            self.whole_to.set(Some(run.path.remote));
        }
        Ok(())
    }

    /// On other systems no client may ask for anything else than what there is.
    #[cfg(not(target_os = "linux"))]
    const fn prepare(&self, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn send_segmented(&self, run: &Run, bytes: &[u8]) -> io::Result<()> {
        let source = run.path.local.ip();
        let transmit = Transmit {
            destination: run.path.remote,
            ecn: match run.ecn {
                Ecn::NotEct => None,
                Ecn::Ect0 => Some(EcnCodepoint::Ect0),
                Ecn::Ect1 => Some(EcnCodepoint::Ect1),
                Ecn::Ce => Some(EcnCodepoint::Ce),
            },
            contents: &bytes[run.start..run.end],
            segment_size: (run.count > 1).then_some(run.segment),
            // One that is bound to an address sends from there anyway.
            src_ip: self.address.ip().is_unspecified().then_some(source),
        };
        let send = || self.state.try_send((&self.io).into(), &transmit);
        match self.io.try_io(Interest::WRITABLE, send) {
            // It may be told of an error that another datagram has met, once. Of one that is too
            // large the client would be told twice.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock && !run.dont_fragment => {
                self.io.try_io(Interest::WRITABLE, send)
            }
            sent => sent,
        }
    }

    /// How many datagrams one send may carry.
    pub(crate) fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }
}

/// Neighbours of equal path, ECN, DF and size, of which the last may be shorter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) path: Path,
    pub(crate) ecn: Ecn,
    pub(crate) dont_fragment: bool,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) segment: usize,
    pub(crate) count: usize,
}

impl Run {
    /// The most bytes of one segmented send.
    const MOST: usize = 65_000;

    /// The largest that an interface of 1500 bytes takes whole: 1500 - 40 - 8. Larger ones are not
    /// segmented, because the system does not fragment segments.
    const LARGEST: usize = 1452;

    pub(crate) const fn new(transmit: sansio::Transmit<Path>, start: usize) -> Self {
        let sansio::Transmit { path, ecn, dont_fragment, len } = transmit;
        Self { path, ecn, dont_fragment, start, end: start + len, segment: len, count: 1 }
    }

    /// Takes a datagram that follows this run in the buffer, if it belongs to it.
    pub(crate) fn extend(&mut self, transmit: &sansio::Transmit<Path>, max: usize) -> bool {
        let full = self.end - self.start != self.segment * self.count;
        let fits = !full
            && self.count < max
            && self.segment <= Self::LARGEST
            && transmit.len <= self.segment
            && transmit.len > 0
            && (transmit.path, transmit.ecn) == (self.path, self.ecn)
            && transmit.dont_fragment == self.dont_fragment
            && self.end - self.start + transmit.len <= Self::MOST;
        if fits {
            self.end += transmit.len;
            self.count += 1;
        }
        fits
    }

    /// Its datagrams, each a run.
    fn single(&self) -> impl Iterator<Item = Self> {
        let starts = (self.start..self.end).step_by(self.segment.max(1));
        starts.map(|start| Self {
            start,
            end: self.end.min(start + self.segment),
            count: 1,
            ..*self
        })
    }
}

/// The buffers of one batch.
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    metas: [RecvMeta; BATCH_SIZE],
}

impl Inbox {
    /// The most that one buffer may get: datagrams of equal size in one piece.
    const BUFFER: usize = 1 << 16;

    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; Self::BUFFER * BATCH_SIZE], metas: [RecvMeta::default(); BATCH_SIZE] }
    }

    /// The datagrams of the first `count` buffers, with where they come from and to which of our
    /// addresses.
    pub(crate) fn datagrams(
        &mut self,
        count: usize,
    ) -> impl Iterator<Item = (&RecvMeta, &mut [u8])> {
        let buffers = self.bytes.chunks_mut(Self::BUFFER);
        self.metas.iter().zip(buffers).take(count).flat_map(|(meta, buffer)| {
            let datagrams = buffer[..meta.len].chunks_mut(meta.stride.max(1));
            datagrams.map(move |datagram| (meta, datagram))
        })
    }
}

#[cfg(test)]
mod tests {
    use sansio::Transmit;

    use super::*;

    fn transmit(port: u16, len: usize) -> Transmit<Path> {
        Transmit::new(Path::udp(([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], port).into()), len)
    }

    /// How many datagrams each send carries of what lies one behind the other.
    fn grouped(datagrams: &[Transmit<Path>], max: usize) -> Vec<usize> {
        let (mut runs, mut start): (Vec<Run>, _) = (Vec::new(), 0);
        for datagram in datagrams {
            if !runs.last_mut().is_some_and(|run| run.extend(datagram, max)) {
                runs.push(Run::new(*datagram, start));
            }
            start += datagram.len;
        }
        let bytes: Vec<_> = runs.iter().map(|run| (run.start, run.end)).collect();
        let ends: Vec<_> = runs.iter().skip(1).map(|run| run.start).chain([start]).collect();
        assert!(bytes.iter().map(|(_, end)| *end).eq(ends), "nothing is left out: {bytes:?}");
        runs.iter().map(|run| run.count).collect()
    }

    #[test]
    fn equal_neighbours_go_together_and_a_shorter_one_is_the_last() {
        let lengths = |lengths: &[usize]| {
            grouped(&lengths.iter().map(|len| transmit(2, *len)).collect::<Vec<_>>(), 64)
        };
        assert_eq!(lengths(&[100; 5]), [5]);
        assert_eq!(lengths(&[100, 100, 60, 60, 100, 100]), [3, 1, 2]);
        assert_eq!(lengths(&[100, 101]), [1, 1]);
        assert_eq!(lengths(&[100, 0, 100]), [1, 1, 1]);
        assert_eq!(lengths(&[1452, 1452, 1453, 1453]), [2, 1, 1]);
        assert_eq!(lengths(&[1200; 60]), [54, 6], "65 000 bytes");
    }

    #[test]
    fn what_goes_elsewhere_or_otherwise_goes_alone() {
        let other = transmit(3, 100);
        let marked = Transmit { ecn: Ecn::Ect0, ..transmit(2, 100) };
        let whole = Transmit { dont_fragment: true, ..transmit(2, 100) };
        for different in [other, marked, whole] {
            let usual = transmit(2, 100);
            let sent = [usual, different, different, usual];
            assert_eq!(grouped(&sent, 64), [1, 2, 1], "{different:?}");
        }
        assert_eq!(grouped(&[transmit(2, 100); 5], 2), [2, 2, 1], "the system takes two");
        assert_eq!(grouped(&[transmit(2, 100); 3], 1), [1, 1, 1], "it has no segmentation");
    }

    #[test]
    fn a_run_falls_into_its_datagrams() {
        let mut run = Run::new(transmit(2, 100), 7);
        assert!(run.extend(&transmit(2, 100), 64) && run.extend(&transmit(2, 30), 64));
        let parts: Vec<_> = run.single().map(|one| (one.start, one.end, one.count)).collect();
        assert_eq!(parts, [(7, 107, 1), (107, 207, 1), (207, 237, 1)]);
    }
}
