//! What an association can be told before it begins.

use core::time::Duration;

/// Settings of an [`Association`](crate::Association). The defaults suit WebRTC data channels.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our port. Default 5000, what everybody writes into `a=sctp-port` (RFC 8841 §5).
    pub local_port: u16,
    /// The other side's port. Default 5000.
    pub remote_port: u16,
    /// Largest packet to send, in bytes, at least 64. Default 1191, which fits the smallest MTU of
    /// IPv6 through a TURN channel: 1280 - 40 (IPv6) - 8 (UDP) - 24 (DTLS: explicit nonce and tag)
    /// - 13 (record header) - 4 (ChannelData).
    pub max_packet_size: usize,
    /// Largest packet that is searched for when there is much to send (MAX_PLPMTU, RFC 8899 §5.1.2),
    /// in bytes; what carries the packets must not fragment them. Default `None`: packets stay at
    /// `max_packet_size`.
    pub max_plpmtu: Option<usize>,
    /// Streams we want to send on. Default 65535, since a channel may take any id (RFC 8831 §6.2).
    pub outbound_streams: u16,
    /// Streams the other side may send on. State of a stream is made when it is first used; all
    /// 65535 in use take about 6 MB. Default 65535.
    pub inbound_streams: u16,
    /// Streams of either direction that the other side may ask for later (RFC 6525 §5.2.5, §5.2.6).
    /// Default 65535.
    pub max_streams: u16,
    /// Bytes that may wait here for the application or for a missing fragment, at most; what is
    /// left of them is advertised to the other side. The window begins with twice
    /// [`max_incoming_message_size`](Self::max_incoming_message_size) and grows to four times what
    /// the application reads in a round trip, so that who does not read never holds more than it
    /// begins with. A message unread counts with 64 bytes more than its payload, one that is
    /// interleaved and unfinished with 256, a fragment out of order with 64. What fills gaps, what
    /// was on its way when it was full, and what unfinished messages still need may take up to as
    /// much again. It must hold a whole message, and at least 1500 bytes (RFC 9260 §3.3.2). Default 8 MiB: 670 Mbit/s over 100 ms. A server with 1000 peers
    /// that are all read at such a rate and then stop would hold 8 GB; with 64 MiB, 64 GB.
    pub receive_window: usize,
    /// Bytes that [`send`](crate::Association::send) takes before the first of them goes out, over
    /// all streams. A message larger than this is taken when nothing else waits. Default 1 MiB.
    pub send_buffer: usize,
    /// Largest message to send, in bytes: the other side's `a=max-message-size`. Default 256 KiB,
    /// what browsers announce.
    pub max_message_size: usize,
    /// Largest message to take, in bytes: our `a=max-message-size`. A larger one ends the
    /// association (RFC 8841 §6 forbids to send it). Default 256 KiB.
    pub max_incoming_message_size: usize,
    /// How far behind the first missing DATA chunk others are kept, in chunks; further ones are
    /// dropped. Bounds the bookkeeping of gaps to 64 bytes a chunk. Default 16384.
    pub max_tsn_span: u32,
    /// DATA chunks that may be unacknowledged at a time. Default 16384, because receivers (dcsctp,
    /// this crate) drop what is further ahead: full packets for 19 MB, 512 bytes each for 8 MiB.
    /// The memory for them, some 200 bytes each, is taken as they are sent.
    pub max_outstanding: usize,
    /// Whether messages of different streams may be interleaved when the other side can do that
    /// too (I-DATA, RFC 8260 §2): then a large message holds up no other. Default true. It costs
    /// four bytes a packet.
    pub interleaving: bool,
    /// Which stream sends next. Default [`Scheduler::WeightedFair`], what WebRTC's priorities mean
    /// (RFC 8831 §6.4).
    pub scheduler: Scheduler,
    /// Who decides how much may be in flight, and how fast it leaves. Default
    /// [`CongestionControl::Bbr`].
    pub congestion_control: CongestionControl,
    /// Whether packets leave at the pace of congestion control, with bursts of a millisecond or of
    /// ten packets. Default true. False is for those who pace outside, as some kernels can, by
    /// [`pacing_rate`](crate::Association::pacing_rate).
    pub pacing: bool,
    /// Whether packets may come without checksum, and go without where the other side takes them,
    /// because what carries them is DTLS, which notices each changed bit (RFC 9653). Default false,
    /// since an association does not know what carries it.
    pub zero_checksum: bool,
    /// Retransmission timeout before the round trip is known, RFC 9260 §16: 1 s.
    pub rto_initial: Duration,
    /// Its lower bound. RFC 9260 §16 says 1 s; default 400 ms as browsers have it, twice their
    /// delayed acknowledgement.
    pub rto_min: Duration,
    /// Its upper bound. RFC 9260 §16 says 60 s; default 10 s, so that traffic is soon back when
    /// ICE has found another path.
    pub rto_max: Duration,
    /// How long an acknowledgement may wait for a second packet, RFC 9260 §6.2: 200 ms.
    pub ack_delay: Duration,
    /// Retransmissions in a row until the other side counts as gone, RFC 9260 §8.1. Default 10,
    /// which takes 64 to 73 s: ICE notices in 30 s (RFC 7675 §5.1), and may restart.
    pub max_retransmissions: u32,
    /// The same for INIT and COOKIE ECHO, RFC 9260 §16: 8.
    pub max_init_retransmissions: u32,
    /// How long a cookie is good, RFC 9260 §16: 60 s.
    pub cookie_lifetime: Duration,
    /// Silence until a HEARTBEAT goes out, RFC 9260 §8.3: 30 s. `None` sends none.
    pub heartbeat_interval: Option<Duration>,
}

/// Who decides how much may be in flight, and how fast it leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CongestionControl {
    /// RFC 9260 §7.2, with pacing: half the window after each loss. Fair to flows of the same kind,
    /// slow on long paths, and all but stopped by losses that are no congestion.
    NewReno,
    /// CUBIC, RFC 9438, with HyStart++, RFC 9406: what TCP does. Fast on long paths, and as
    /// helpless against random losses.
    Cubic,
    /// BBR, draft-ietf-ccwg-bbr: a model of the path instead of a window that falls with each loss.
    #[default]
    Bbr,
}

/// Which of the streams with messages sends next, RFC 8260 §3. None of them lets one stream starve
/// another but the first one, and priority, which means to. A choice costs O(log n) for n streams
/// with messages.
///
/// Where messages are interleaved ([`Config::interleaving`]) the choice is made for each chunk.
/// Otherwise a message is sent whole before another begins, as DATA chunks demand (RFC 9260 §6.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheduler {
    /// The message that was taken first, §3.1: the order of [`send`](crate::Association::send).
    FirstComeFirstServed,
    /// Each stream in turn sends a message, §3.2.
    RoundRobin,
    /// Each stream in turn sends a packet, §3.3: a packet has new data of one stream only, so that
    /// its loss stops no other.
    RoundRobinPerPacket,
    /// The stream of the highest priority, §3.4; among equals each in turn.
    Priority,
    /// Each stream sends as many bytes as the others, §3.5.
    FairCapacity,
    /// Each stream sends bytes in proportion to its priority, §3.6.
    #[default]
    WeightedFair,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            local_port: 5000,
            remote_port: 5000,
            max_packet_size: 1280 - 40 - 8 - 24 - 13 - 4,
            max_plpmtu: None,
            outbound_streams: u16::MAX,
            inbound_streams: u16::MAX,
            max_streams: u16::MAX,
            receive_window: 8 << 20,
            send_buffer: 1 << 20,
            max_message_size: 256 << 10,
            max_incoming_message_size: 256 << 10,
            max_tsn_span: 16_384,
            max_outstanding: 16_384,
            interleaving: true,
            scheduler: Scheduler::default(),
            congestion_control: CongestionControl::default(),
            pacing: true,
            zero_checksum: false,
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_millis(400),
            rto_max: Duration::from_secs(10),
            ack_delay: Duration::from_millis(200),
            max_retransmissions: 10,
            max_init_retransmissions: 8,
            cookie_lifetime: Duration::from_secs(60),
            heartbeat_interval: Some(Duration::from_secs(30)),
        }
    }
}
