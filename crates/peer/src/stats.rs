//! Counters and the facts behind them.

use core::time::Duration;

use dtls::{CipherSuite, ProtocolVersion};
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
    /// Datagrams and their bytes.
    pub datagrams: DatagramCounters,
    /// Data channels and their messages.
    pub channels: ChannelCounters,
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
