//! What an association knows.

use core::ops::Range;
use core::time::Duration;
use std::collections::VecDeque;

use sansio::{Instant, Rng};

use super::acknowledge::AckState;
use super::data_out::max_chunk;
use super::heartbeat::Heartbeat;
use super::path_mtu::PathMtu;
use super::reset::Resets;
use super::reset_in::IncomingResets;
use super::rto::Rto;
use super::timers::Timers;
use super::window::ReceiveWindow;
use crate::config::{Config, CongestionControl};
use crate::congestion::{Bbr, Controller, Cubic, DeliveryRate, NewReno, Pacer};
use crate::event::Event;
use crate::ids::{StreamId, Tag};
use crate::incoming::{Delivery, Limits, Reassembly};
use crate::outgoing::{Kind, Outstanding, PacketNumber, Position, SendQueue};
use crate::recovery::{MinRtt, Probe, Rack};
use crate::serial::Tsn;

/// One end of an association: messages in streams over a wire that loses, repeats and reorders
/// packets.
///
/// It is a [`Machine`](sansio::Machine): [`handle_input`](sansio::Machine::handle_input) takes
/// packets, [`poll_transmit`](sansio::Machine::poll_transmit) gives them.
#[derive(Debug)]
pub struct Association {
    pub(super) config: Config,
    pub(super) rng: Box<dyn Rng>,
    pub(super) state: State,
    pub(super) timers: Timers,
    pub(super) events: VecDeque<Event>,
    pub(super) local: Local,
    pub(super) remote: Remote,
    pub(super) cookie_key: [u8; 32],
    /// Chunks that travel alone, with their tag.
    pub(super) replies: VecDeque<(Tag, Vec<u8>)>,
    pub(super) pending: Pending,

    pub(super) queue: SendQueue,
    pub(super) outstanding: Outstanding,
    pub(super) congestion: Box<dyn Controller>,
    pub(super) sending: Sending,
    pub(super) rto: Rto,

    pub(super) reassembly: Reassembly,
    pub(super) delivery: Delivery,
    pub(super) ack: AckState,
    pub(super) receive_window: ReceiveWindow,

    pub(super) resets: Resets,
    pub(super) incoming_resets: IncomingResets,
    pub(super) heartbeat: Heartbeat,
    pub(super) path_mtu: PathMtu,
    pub(super) counters: Counters,
}

/// The states of RFC 9260 §4, and the end.
#[derive(Debug)]
pub(super) enum State {
    /// No association yet; the other side may begin one.
    Closed,
    /// INIT was sent.
    CookieWait { retransmissions: u32 },
    /// COOKIE ECHO was sent.
    CookieEchoed { cookie: Vec<u8>, retransmissions: u32 },
    /// Messages flow.
    Established,
    /// Our application has no more to send; what it sent is not all acknowledged.
    ShutdownPending,
    /// SHUTDOWN was sent.
    ShutdownSent,
    /// SHUTDOWN came; what our application sent is not all acknowledged.
    ShutdownReceived,
    /// SHUTDOWN ACK was sent.
    ShutdownAckSent,
    /// Over, for good.
    Ended,
}

/// The states of RFC 9260 §4 without their contents, and the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not begun; the other side may.
    Closed,
    /// Being set up.
    Connecting,
    /// Messages flow.
    Connected,
    /// Being shut down.
    ShuttingDown,
    /// Over, for good.
    Ended,
}

/// What we told the other side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub(super) tag: Tag,
    pub(super) initial_tsn: Tsn,
    /// Stand for the two tags in cookies made while there is an association (RFC 9260 §5.2.2).
    pub(super) tie_tags: [u32; 2],
}

/// What the other side told us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote {
    pub(super) tag: Tag,
    pub(super) initial_tsn: Tsn,
    /// Free bytes in its receive buffer, less what is on its way.
    pub(super) window: usize,
    /// Streams that both sides agree on, in our direction and theirs.
    pub(super) outbound_streams: u16,
    pub(super) inbound_streams: u16,
    pub(super) forward_tsn: bool,
    pub(super) re_config: bool,
    /// Packets need no checksum, RFC 9653.
    pub(super) zero_checksum: bool,
    /// Which chunk carries messages, both ways.
    pub(super) kind: Kind,
}

/// Chunks to send.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) init: bool,
    pub(super) cookie_echo: bool,
    pub(super) cookie_ack: bool,
    pub(super) shutdown: bool,
    pub(super) shutdown_ack: bool,
    pub(super) forward_tsn: bool,
    /// Error causes, encoded.
    pub(super) errors: Vec<u8>,
}

/// How sending goes.
#[derive(Debug, Default)]
pub(super) struct Sending {
    /// `send` was refused for lack of room.
    pub(super) refused: bool,
    /// Times in a row that something was sent again without an answer, RFC 9260 §8.1.
    pub(super) errors: u32,
    /// What is lost, by time.
    pub(super) rack: Rack,
    /// The probe of the tail.
    pub(super) probe: Probe,
    /// Losses are being repaired.
    pub(super) recovery: Option<Recovery>,
    /// The next round trip is measured on this packet or a later one.
    pub(super) rtt_from: PacketNumber,
    /// The shortest round trip of late.
    pub(super) min_rtt: MinRtt,
    /// How fast the path delivers.
    pub(super) rate: DeliveryRate,
    pub(super) pacer: Pacer,
    /// Bytes a second that the application allows.
    pub(super) rate_limit: Option<u64>,
    /// DATA went out although the other side has no room, RFC 9260 §6.1 A.
    pub(super) probing: bool,
    /// Gap blocks of the SACK at hand.
    pub(super) gaps: Vec<Range<Position>>,
    /// When DATA last went out.
    pub(super) last: Option<Instant>,
}

/// The repair of losses, RFC 9260 §7.2.4.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recovery {
    /// It ends when everything before this is acknowledged.
    pub(super) until: Position,
    /// When this packet or a later one is lost, that is news of congestion.
    pub(super) since: PacketNumber,
    pub(super) cause: Cause,
}

/// How losses were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Later packets arrived.
    Loss,
    /// T3 expired.
    Timeout,
}

/// What happened, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets sent.
    pub packets_sent: u64,
    /// Packets used.
    pub packets_received: u64,
    /// Packets not used.
    pub packets_discarded: u64,
    /// INIT chunks sent, over the wire: none if signalling carried it.
    pub inits_sent: u64,
    /// INIT chunks that came over the wire.
    pub inits_received: u64,
    /// DATA chunks sent again.
    pub retransmissions: u64,
    /// Times T3 expired.
    pub timeouts: u64,
    /// Times losses were found because later packets arrived, RFC 9260 §7.2.4, RFC 8985.
    pub fast_recoveries: u64,
    /// Tail loss probes sent, RFC 8985 §7.
    pub probes: u64,
    /// Probes of the path's MTU sent, RFC 8899.
    pub path_probes: u64,
    /// Times that packets were made small again, because large ones may have been lost for it.
    pub path_fallbacks: u64,
    /// DATA chunks received more than once.
    pub duplicates: u64,
    /// DATA chunks for which there was no room.
    pub chunks_refused: u64,
    /// Replies to strangers that were not sent, because too many waited.
    pub replies_dropped: u64,
    /// Messages given up by partial reliability after a part of them was sent, RFC 7496 §4.
    pub abandoned_sent: u64,
    /// Messages given up by partial reliability of which nothing was sent, RFC 7496 §4.
    pub abandoned_unsent: u64,
}

/// Smallest packet size that is of use.
const MIN_PACKET: usize = 64;
/// Smallest receive window that may be offered, RFC 9260 §3.3.2.
pub(super) const MIN_WINDOW: usize = 1500;

impl Association {
    /// An association that waits for [`connect`](Self::connect), or for the other side's.
    pub fn new(mut config: Config, mut rng: Box<dyn Rng>) -> Self {
        config.max_packet_size = config.max_packet_size.max(MIN_PACKET);
        config.receive_window = config.receive_window.max(MIN_WINDOW);
        let local = Local {
            tag: random_tag(&mut *rng),
            initial_tsn: Tsn(rng.next_u32()),
            tie_tags: [rng.next_u32(), rng.next_u32()],
        };
        let mut cookie_key = [0; 32];
        rng.fill(&mut cookie_key);
        let receive_window = ReceiveWindow::new(&config);
        let remote = Remote {
            tag: Tag(0),
            initial_tsn: Tsn(0),
            window: 0,
            outbound_streams: config.outbound_streams,
            inbound_streams: config.inbound_streams,
            forward_tsn: false,
            re_config: false,
            zero_checksum: false,
            kind: Kind::Data,
        };
        Self {
            state: State::Closed,
            timers: Timers::default(),
            events: VecDeque::new(),
            cookie_key,
            replies: VecDeque::new(),
            pending: Pending::default(),
            queue: SendQueue::new(config.scheduler),
            outstanding: Outstanding::new(local.initial_tsn),
            congestion: controller(&config, rng.next_u32()),
            sending: Sending::default(),
            rto: Rto::new(config.rto_initial, config.rto_min, config.rto_max),
            reassembly: Reassembly::new(remote.initial_tsn, limits(&config, &receive_window)),
            delivery: Delivery::default(),
            ack: AckState::default(),
            receive_window,
            resets: Resets::new(local.initial_tsn),
            incoming_resets: IncomingResets::new(remote.initial_tsn),
            heartbeat: Heartbeat::default(),
            path_mtu: PathMtu::new(&config),
            counters: Counters::default(),
            rng,
            local,
            remote,
            config,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        match self.state {
            State::Closed => Status::Closed,
            State::CookieWait { .. } | State::CookieEchoed { .. } => Status::Connecting,
            State::Established => Status::Connected,
            State::ShutdownPending
            | State::ShutdownSent
            | State::ShutdownReceived
            | State::ShutdownAckSent => Status::ShuttingDown,
            State::Ended => Status::Ended,
        }
    }

    /// Streams we may send on, and streams the other side may send on: what both agreed on, or
    /// before that, what we want.
    pub fn streams(&self) -> (u16, u16) {
        (self.remote.outbound_streams, self.remote.inbound_streams)
    }

    /// Whether messages are interleaved, RFC 8260: both sides can, and want to.
    pub fn is_interleaving(&self) -> bool {
        self.remote.kind == Kind::IData
    }

    /// The smoothed round-trip time, `None` before the first measurement.
    pub fn rtt(&self) -> Option<Duration> {
        self.rto.smoothed()
    }

    /// Bytes that congestion control allows in flight.
    pub fn congestion_window(&self) -> usize {
        self.congestion.window()
    }

    /// Bytes in flight, with headers of DATA chunks.
    pub fn bytes_in_flight(&self) -> usize {
        self.outstanding.flight()
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        Counters { abandoned_unsent: self.queue.dropped(), ..self.counters }
    }

    /// A stream with a message to read: the one that has had one for longest.
    pub fn readable(&self) -> Option<StreamId> {
        self.delivery.readable()
    }
}

pub(super) fn random_tag(rng: &mut dyn Rng) -> Tag {
    // Zero is for packets with INIT, RFC 9260 §3.3.2.
    Tag(rng.next_u32().max(1))
}

pub(super) fn controller(config: &Config, seed: u32) -> Box<dyn Controller> {
    let packet = max_chunk(config);
    match config.congestion_control {
        CongestionControl::NewReno => Box::new(NewReno::new(packet)),
        CongestionControl::Cubic => Box::new(Cubic::new(packet)),
        CongestionControl::Bbr => Box::new(Bbr::new(packet, seed)),
    }
}

pub(super) fn limits(config: &Config, window: &ReceiveWindow) -> Limits {
    Limits {
        window: window.size(),
        span: config.max_tsn_span,
        message: config.max_incoming_message_size.min(config.receive_window),
    }
}
