//! Who is on the other side.

use std::fmt;

/// The other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Chromium,
    Firefox,
    /// Our own caller without a browser.
    Native,
    /// In Python, with OpenSSL for DTLS 1.2.
    Aiortc,
    /// `webrtcbin`, whose certificates are RSA.
    Gstreamer,
    /// Its command-line tools, DTLS 1.2 alone.
    Openssl,
    /// The same.
    Gnutls,
    /// Its TURN server and client.
    Coturn,
    /// Its ICE agent.
    Libnice,
    /// The ICE agent of aiortc.
    Aioice,
    /// Chromium and our own caller, in a network of the suite's own.
    Nat,
}

impl Peer {
    pub(super) const ALL: [Self; 11] = [
        Self::Chromium,
        Self::Firefox,
        Self::Native,
        Self::Aiortc,
        Self::Gstreamer,
        Self::Openssl,
        Self::Gnutls,
        Self::Coturn,
        Self::Libnice,
        Self::Aioice,
        Self::Nat,
    ];
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Native => "native",
            Self::Aiortc => "aiortc",
            Self::Gstreamer => "gstreamer",
            Self::Openssl => "openssl",
            Self::Gnutls => "gnutls",
            Self::Coturn => "coturn",
            Self::Libnice => "libnice",
            Self::Aioice => "aioice",
            Self::Nat => "nat",
        })
    }
}
