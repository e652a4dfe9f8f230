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
    /// left of RFC 8831 §5's recommendation, and what browsers use.
    pub sctp: sctp::Config,
    /// The largest message that we accept, bytes, told to the other side as
    /// `a=max-message-size` (RFC 8841 §6). Default: 262144, as browsers.
    pub max_message_size: usize,
    /// Channels that may exist at a time, ours and theirs. Default: 65535, all that SCTP has.
    pub max_channels: usize,
    /// The codecs that are offered, in this order, and accepted. Their payload types are those of
    /// our first offer; what an offer of the other side calls them goes before. Default: what
    /// Chromium and Firefox have.
    pub codecs: Arc<[Codec]>,
    /// The header extensions that are offered and accepted (RFC 8285). Default: what Chromium
    /// offers.
    pub header_extensions: HeaderExtensions,
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
            sctp: sctp::Config::default(),
            max_message_size: 262_144,
            max_channels: 65_535,
            codecs: default_codecs(),
            header_extensions: HeaderExtensions::default(),
            unix_at_zero: Duration::ZERO,
        }
    }
}
