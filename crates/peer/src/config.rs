//! What can be chosen about a connection.

use core::time::Duration;
use std::sync::Arc;

use dtls::Certificate;

use crate::media::{Codec, HeaderExtensions, default_codecs};

/// Choices for one connection. [`Config::new`] has the defaults; the parts are shared cheaply, so
/// that a server clones one `Config` for each of its connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Connectivity checks and consent.
    pub ice: ice::Config,
    /// The handshake, and our identity in it: one certificate may serve all connections of a
    /// process.
    pub dtls: dtls::Config,
    /// The association below data channels. Its `max_packet_size` default of 1191 bytes is
    /// 1280 (IPv6 minimum MTU) - 40 (IPv6) - 8 (UDP) - 24 (TURN) - 13 (DTLS header) - 4: what is
    /// left of RFC 8831 §5's recommendation, and what browsers use. Its packets need no checksum,
    /// since DTLS carries them (`zero_checksum`, RFC 9653), unless the other side wants one. Where
    /// there is much to send, larger ones are tried, up to the `max_plpmtu` default of 1448 bytes:
    /// 1500 (Ethernet) - 20 (IPv4) - 8 (UDP) - 22 (DTLS 1.3: header 5, type 1, tag 16), in multiples
    /// of four. What is in the way besides, such as IPv6 or a relay, the search finds out. Where
    /// both ends and all between carry jumbo frames, 9000 halves the CPU time of a large transfer. Its `send_buffer` is shared out:
    /// a channel may hold as much as it leaves free for others, so half of it when it is alone.
    pub sctp: sctp::Config,
    /// Whether descriptions carry the INITs of the association below data channels, so that it needs
    /// no round trip of its own (`a=sctp-init`, draft-hancke-tsvwg-snap). A peer that does not know
    /// this is met the ordinary way. Default: true.
    pub snap: bool,
    /// Whether the handshake of DTLS may ride in connectivity checks, so that it needs no round trip
    /// of its own (`a=ice-options:sped`, draft-hancke-webrtc-sped). A peer that does not know this
    /// is met the ordinary way. Default: true.
    pub sped: bool,
    /// The largest message that we accept, bytes, told to the other side as
    /// `a=max-message-size` (RFC 8841 §6). A larger one ends the association. Since a message waits
    /// until it is whole, this much may be held for each connection: `sctp.receive_window` is raised
    /// to it. Default: 262144, as browsers.
    pub max_message_size: usize,
    /// Channels that may exist at a time, ours and theirs. Each takes 512 bytes at most, besides
    /// its messages and its name. Default: 65535, all that SCTP has.
    pub max_channels: usize,
    /// Bytes of labels and protocols of channels that the other side opened, together: each of them
    /// may have 65535. Beyond that its channels are refused. Default: 1 MiB.
    pub max_channel_text: usize,
    /// Bytes of messages that wait for a channel which is not there yet: a negotiated one that the
    /// application is about to create, or one whose OPEN was overtaken. Beyond that they wait in
    /// SCTP, whose window closes. A message counts with 64 bytes more than its payload. Default:
    /// 256 KiB.
    pub max_early_messages: usize,
    /// Media sections that an offer of the other side may have, each of which takes a transceiver.
    /// Default: 1024, more than browsers manage.
    pub max_sections: usize,
    /// The codecs that are offered, in this order, and accepted. Their payload types are those of
    /// our first offer; what an offer of the other side calls them goes before. Default: what
    /// Chromium and Firefox have.
    pub codecs: Arc<[Codec]>,
    /// The header extensions that are offered and accepted (RFC 8285). Default: what Chromium
    /// offers.
    pub header_extensions: HeaderExtensions,
    /// Packets that a receiver keeps for the application; beyond that the oldest is dropped,
    /// counted. Default: 512, a third of a second at 15 Mbit/s.
    pub max_unread_packets: usize,
    /// Packets that may wait for the network; beyond that `send_rtp` refuses. Default: 2048.
    pub max_unsent_packets: usize,
    /// Streams (SSRCs) of the other side; beyond that the one that was silent longest makes room,
    /// or the new one is discarded, counted. Default: 256.
    pub max_streams: usize,
    /// The largest RTP payload that `send_rtp` takes, bytes. Default: 1400, which with 12 (header),
    /// 28 (header extensions), 16 (tag), 8 (UDP) and 20 (IPv4) fills 1484 of Ethernet's 1500.
    /// Browsers stay below 1200.
    pub max_rtp_payload: usize,
    /// Wall time (since 1970) at the zero of the caller's clock, for statistics and reports.
    /// Default: zero.
    pub unix_at_zero: Duration,
}

impl Config {
    /// The defaults, with this identity.
    pub fn new(certificate: Arc<Certificate>) -> Self {
        Self {
            ice: ice::Config::default(),
            dtls: dtls::Config::new(certificate),
            sctp: sctp::Config {
                zero_checksum: true,
                max_plpmtu: Some(1448),
                ..sctp::Config::default()
            },
            snap: true,
            sped: true,
            max_message_size: 262_144,
            max_channels: 65_535,
            max_channel_text: 1 << 20,
            max_early_messages: 256 << 10,
            max_sections: 1024,
            codecs: default_codecs(),
            header_extensions: HeaderExtensions::default(),
            max_unread_packets: 512,
            max_unsent_packets: 2048,
            max_streams: 256,
            max_rtp_payload: 1400,
            unix_at_zero: Duration::ZERO,
        }
    }
}
