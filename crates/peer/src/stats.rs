//! Counters and the facts behind them.

use core::time::Duration;

use dtls::{CipherSuite, NamedGroup, ProtocolVersion};
use sansio::Path;

/// What a connection did so far. Byte counts are those of the layer they name.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Where application data travels now.
    pub path: Option<Path>,
    /// Round-trip time of that path, from the last connectivity check.
    pub round_trip_time: Option<Duration>,
    /// DTLS version; displays as `DTLS 1.3`.
    pub dtls_version: Option<ProtocolVersion>,
    /// Cipher suite; displays by its registry name, `TLS_AES_128_GCM_SHA256`.
    pub dtls_cipher: Option<CipherSuite>,
    /// Group of the key exchange; displays by its registry name, `X25519MLKEM768` (not among W3C's
    /// statistics).
    pub dtls_group: Option<NamedGroup>,
    /// Datagrams and their bytes.
    pub datagrams: DatagramCounters,
    /// Data channels and their messages.
    pub channels: ChannelCounters,
    /// Whether messages of channels are interleaved (RFC 8260), so that a large one does not hold up
    /// a small one.
    pub interleaving: bool,
    /// The association below the channels, once it exists.
    pub association: Option<sctp::Counters>,
    /// Bytes of the largest SCTP packet that the path is known to carry (W3C
    /// `RTCSctpTransportStats.mtu`), once the association exists.
    pub mtu: Option<usize>,
    /// RTP and RTCP. What a transceiver sent and received, `outbound_rtp` and `inbound_rtp` say.
    pub media: MediaCounters,
}

/// Datagrams on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatagramCounters {
    /// Datagrams handed to the shell.
    pub sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Datagrams that arrived and were used.
    pub received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Datagrams that arrived and were not used: strangers', damaged or late ones.
    pub discarded: u64,
    /// Datagrams of the DTLS handshake that rode in our connectivity checks and responses,
    /// repetitions included.
    pub embedded_sent: u64,
    /// Those that rode in theirs.
    pub embedded_received: u64,
}

/// Messages of all data channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelCounters {
    /// Channels that were created, by either side (W3C `dataChannelsOpened`).
    pub opened: u64,
    /// Channels that are gone (W3C `dataChannelsClosed`).
    pub closed: u64,
    /// Messages accepted by `channel_send`.
    pub messages_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Messages read by the application.
    pub messages_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Messages whose payload protocol identifier is not RFC 8831's.
    pub messages_discarded: u64,
    /// DCEP messages that could not be used.
    pub dcep_discarded: u64,
}

/// What a sender sent (W3C webrtc-stats §8.7, §8.6 for what the other side reports).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OutboundRtp {
    /// Packets handed to the shell, without retransmissions.
    pub packets_sent: u64,
    /// Bytes of their payloads.
    pub bytes_sent: u64,
    /// Retransmissions (RFC 4588).
    pub retransmitted_packets_sent: u64,
    /// Bytes of their payloads.
    pub retransmitted_bytes_sent: u64,
    /// What packets waited for the network, all together.
    pub total_packet_send_delay: Duration,
    /// Packets that were accepted and not sent: too late for their track, or the queue was full.
    pub packets_discarded: u64,
    /// `NACK` messages that arrived.
    pub nack_count: u64,
    /// `PLI` messages that arrived.
    pub pli_count: u64,
    /// `FIR` messages that arrived.
    pub fir_count: u64,
    /// The other side's last report: which part of the packets was lost since the one before.
    pub fraction_lost: f32,
    /// The other side's last report: packets lost in all.
    pub packets_lost: i64,
    /// The other side's last report: round-trip time.
    pub round_trip_time: Option<Duration>,
}

/// What a receiver received (W3C webrtc-stats §8.5).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InboundRtp {
    /// Packets that were used, retransmissions too.
    pub packets_received: u64,
    /// Bytes of their payloads.
    pub bytes_received: u64,
    /// Packets that came as retransmissions and were missing.
    pub retransmitted_packets_received: u64,
    /// Packets that came before, or too late to tell.
    pub packets_duplicated: u64,
    /// Packets that never came by themselves; some came back as retransmissions.
    pub packets_lost: i64,
    /// Packets that nobody read in time.
    pub packets_discarded: u64,
    /// Inter-arrival jitter (RFC 3550 §6.4.1).
    pub jitter: Duration,
    /// `NACK` messages sent.
    pub nack_count: u64,
    /// `PLI` messages sent.
    pub pli_count: u64,
    /// `FIR` messages sent.
    pub fir_count: u64,
}

/// RTP and RTCP of all transceivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaCounters {
    /// RTP packets sent, retransmissions too.
    pub packets_sent: u64,
    /// RTP packets that were used.
    pub packets_received: u64,
    /// RTCP packets, of which a datagram may hold several, that were used.
    pub rtcp_received: u64,
    /// RTCP packets that were malformed, or about nobody here.
    pub rtcp_discarded: u64,
    /// Datagrams of RTCP sent.
    pub rtcp_sent: u64,
    /// Transport-wide feedback that arrived.
    pub transport_feedback_received: u64,
    /// The last estimate of the other side for what we may send, bit/s (`REMB`).
    pub available_outgoing_bitrate: Option<u64>,
}
