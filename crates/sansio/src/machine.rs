//! The contract of every machine.

use alloc::vec::Vec;

use crate::{Ecn, Instant};

/// A protocol endpoint without IO.
///
/// # The shell's side
///
/// ```text
///   socket readable ──► handle_input ──┐
///   timer fired ──────► handle_timeout ┼──► then, in any order and as often as it likes:
///   application ──────► a command ─────┘      poll_transmit until None   (send each datagram)
///                                             poll_event until None      (act on each fact)
///                                             poll_timeout               (set the timer)
/// ```
///
/// Calls may come in any order, and any number of inputs may come before a drain: nothing is lost,
/// only later.
///
/// # The machine's side
///
/// * **Input.** `Err` means that nothing in this datagram was used: no state but counters changed.
///   Of several records in one datagram, one good record makes it `Ok`, and the bad ones are
///   counted. What ends a connection arrives as an event, not as an error.
/// * **Output.** Packets are built when they are pulled, so acknowledgements coalesce and pacing
///   sees the present. After a full drain [`poll_timeout`](Machine::poll_timeout) lies in the
///   future or is `None`.
/// * **Time.** `now` never runs backwards. A timeout call that comes early, late or for no reason
///   is harmless.
/// * **Replay.** The same seed and the same calls give the same bytes.
/// * **Events** are facts in the past tense. They never carry messages or packets: an event says
///   that something is readable, and a getter reads it. Not reading is the back-pressure.
///
/// A machine has four kinds of methods: getters (`&self`), commands (verbs), `handle_*`, `poll_*`.
pub trait Machine {
    /// Where a datagram travels: [`Path`](crate::Path) at the edge of the network, `()` for a
    /// protocol that runs inside another.
    type Path: Copy;
    /// A fact for whoever drives the machine.
    type Event;
    /// Why a datagram was not used.
    type Discard: core::error::Error;

    /// Takes one datagram that arrived. The machine may decrypt in place: the buffer's bytes are
    /// unspecified afterwards.
    ///
    /// # Errors
    ///
    /// Nothing in this datagram was used, and no state but counters changed.
    fn handle_input(
        &mut self,
        now: Instant,
        input: Datagram<'_, Self::Path>,
    ) -> Result<(), Self::Discard>;

    /// Does what was due at `now` or before.
    fn handle_timeout(&mut self, now: Instant);

    /// Appends one datagram to `buf` and says where it goes, or leaves `buf` as it was.
    ///
    /// The shell may pull many into one buffer: neighbours of equal path, ECN and size lie
    /// contiguous for one segmented send.
    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Self::Path>>;

    /// The next fact, oldest first.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// When [`handle_timeout`](Machine::handle_timeout) wants to be called. `None`: nothing is
    /// pending.
    fn poll_timeout(&self) -> Option<Instant>;
}

/// A datagram that arrived.
#[derive(Debug)]
pub struct Datagram<'a, P> {
    /// The way it came.
    pub path: P,
    /// The ECN bits it carried.
    pub ecn: Ecn,
    /// When it arrived, not later than the `now` of the call.
    pub received: Instant,
    /// Its bytes, to be worked on in place.
    pub data: &'a mut [u8],
}

impl<'a, P> Datagram<'a, P> {
    /// A datagram without ECN that arrived at `received`.
    pub fn new(path: P, received: Instant, data: &'a mut [u8]) -> Self {
        Self { path, ecn: Ecn::NotEct, received, data }
    }
}

/// What [`Machine::poll_transmit`] appended to the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit<P> {
    /// The way it goes.
    pub path: P,
    /// The ECN bits to send it with.
    pub ecn: Ecn,
    /// Whether it shall rather be lost than fragmented on its way: IPv4's DF bit, and no fragment
    /// header of IPv6. If not, the shell does as it likes.
    pub dont_fragment: bool,
    /// How many bytes were appended.
    pub len: usize,
}

impl<P> Transmit<P> {
    /// `len` bytes to be sent without ECN, which may be fragmented.
    pub const fn new(path: P, len: usize) -> Self {
        Self { path, ecn: Ecn::NotEct, dont_fragment: false, len }
    }
}
