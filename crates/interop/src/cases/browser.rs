//! What is asked of browsers.

use std::{fmt, time::Duration};

use super::{Case, Peer, Round, Task};

/// Who makes the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offerer {
    Browser,
    Server,
}

/// How a browser writes its own addresses into its candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// As `.local` names, as browsers do for pages without permission for a camera.
    Hidden,
    /// As browsers do for pages that have it: Chromium does not hide them.
    Usual,
    Plain,
}

/// What Chromium is to have switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Features {
    /// Nothing that its users do not have.
    Default,
    /// I-DATA, RFC 8260.
    Interleaving,
    /// `a=sctp-init`.
    Snap,
    /// The handshake of DTLS in connectivity checks.
    Sped,
    /// The last two together.
    Warp,
    /// Relays with certificates that nobody has signed.
    AnyCertificate,
    /// No group of DTLS that is safe from quantum computers.
    NoPostQuantum,
}

/// A codec for pictures and one for sound, as `a=rtpmap` calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codecs {
    pub(crate) video: &'static str,
    pub(crate) audio: &'static str,
}

/// Function of `cases.mjs`, seconds.
pub(super) const DATA: &[(&str, u64)] = &[
    ("echo", 60),
    ("unordered", 30),
    ("negotiated", 30),
    ("close_channel_here", 30),
    ("close_channel_there", 30),
    ("close_peer_here", 30),
    ("close_peer_there", 30),
    ("reload", 60),
    ("page", 90),
    ("words", 30),
    ("stop", 30),
    ("silence", 120),
    ("tls", 30),
];

/// Function of `channels.mjs`, seconds.
pub(super) const CHANNELS: &[(&str, u64)] = &[
    ("bulk", 240),
    ("large", 60),
    ("five_hundred", 60),
    ("partial", 60),
    ("kill_browser", 120),
    ("kill_server", 90),
];

/// Function of `media.mjs`, seconds.
pub(super) const MEDIA: &[(&str, u64)] = &[
    ("media", 40),
    ("codecs", 60),
    ("ramp", 60),
    ("tracks", 60),
    ("mute", 60),
    ("loss", 60),
    ("studio", 90),
];

/// The one of `names.mjs`.
pub(super) const NAMES: (&str, u64) = ("names", 60);

/// The one of `restart.mjs`.
pub(super) const RESTART: (&str, u64) = ("restart", 60);

/// Another one of `channels.mjs`, for Chromium alone.
pub(super) const INTERLEAVED: (&str, u64) = ("interleaved", 60);

/// Function of `warp.mjs`, seconds. For Chromium alone.
pub(super) const WARP: &[(&str, u64)] = &[("snap", 30), ("sped", 30), ("warp", 30)];

/// Codecs that browsers have without help from outside, each at least once. Debian's Firefox has no
/// H.264 of its own.
pub(super) const CODECS: &[(Codecs, &[Peer])] = &[
    (Codecs { video: "VP8", audio: "opus" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "VP9", audio: "G722" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "AV1", audio: "PCMU" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "H264", audio: "opus" }, &[Peer::Chromium]),
];

/// Function of `security.mjs`, seconds. The first one for Chromium alone.
pub(super) const SECURITY: [(&str, u64); 2] = [("classic", 30), ("rsa", 30)];

/// What is asked of browsers.
pub(super) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for peer in [Peer::Chromium, Peer::Firefox] {
        for (function, seconds) in DATA.iter().chain(CHANNELS) {
            add(&mut cases, peer, function, *seconds, Addresses::Usual, None);
        }
        for (function, seconds) in MEDIA.iter().filter(|(function, _)| is_for(function, peer)) {
            if *function != "codecs" {
                add(&mut cases, peer, function, *seconds, Addresses::Usual, None);
                continue;
            }
            for (codecs, _) in CODECS.iter().filter(|(_, peers)| peers.contains(&peer)) {
                add(&mut cases, peer, function, *seconds, Addresses::Usual, Some(*codecs));
            }
        }
        add(&mut cases, peer, NAMES.0, NAMES.1, Addresses::Hidden, None);
        add(&mut cases, peer, RESTART.0, RESTART.1, Addresses::Usual, None);
        let [classic, rsa] = SECURITY;
        add(&mut cases, peer, rsa.0, rsa.1, Addresses::Usual, None);
        add(&mut cases, peer, "echo", 60, Addresses::Plain, None);
        if peer == Peer::Chromium {
            for (function, seconds) in WARP.iter().chain([&INTERLEAVED, &classic]) {
                add(&mut cases, peer, function, *seconds, Addresses::Usual, None);
            }
        }
    }
    cases
}

/// A case for each side that may offer.
fn add(
    cases: &mut Vec<Case>,
    peer: Peer,
    function: &'static str,
    seconds: u64,
    addresses: Addresses,
    codecs: Option<Codecs>,
) {
    for offerer in [Offerer::Browser, Offerer::Server] {
        let features = match function {
            "interleaved" => Features::Interleaving,
            "snap" => Features::Snap,
            "sped" => Features::Sped,
            "warp" => Features::Warp,
            "classic" => Features::NoPostQuantum,
            _ => Features::Default,
        };
        let task = Task::Browser { function, offerer, addresses, features, codecs };
        let limit = Duration::from_secs(seconds);
        cases.push(Case { peer, task, round: round(function, peer), limit });
    }
}

/// All codecs take minutes, and a bitrate ramps only on a machine that has the time to encode. What
/// depends on the server more than on the browser is asked of one browser every time, and of the
/// other one now and then.
fn round(function: &str, peer: Peer) -> Round {
    let seldom =
        matches!(function, "silence" | "reload" | "mute" | "bulk" | "kill_browser" | "kill_server");
    match function {
        "codecs" | "ramp" => Round::Long,
        _ if peer == Peer::Firefox && seldom => Round::Long,
        _ => Round::Always,
    }
}

/// Firefox does not take the reports that `ramp` is about: it has no transport-wide estimate of its own.
fn is_for(function: &str, peer: Peer) -> bool {
    function != "ramp" || peer == Peer::Chromium
}

impl fmt::Display for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.video, self.audio)
    }
}

impl fmt::Display for Offerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Browser => "browser",
            Self::Server => "server",
        })
    }
}

impl Features {
    /// What Chromium is told.
    pub(crate) fn switches(self) -> &'static [&'static str] {
        const SNAP: &str = "--enable-features=WebRtcSctpSnap";
        const SPED: &str = "--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/";
        const INTERLEAVING: &str =
            "--force-fieldtrials=WebRTC-DataChannelMessageInterleaving/Enabled/";
        match self {
            Self::Default => &[],
            Self::Interleaving => &[INTERLEAVING],
            Self::Snap => &[SNAP],
            Self::Sped => &[SPED],
            Self::Warp => &[SNAP, SPED],
            Self::AnyCertificate => &["--ignore-certificate-errors"],
            Self::NoPostQuantum => &["--disable-features=WebRtcPqcForDtls"],
        }
    }
}

impl Addresses {
    /// The word for the driver.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Usual => "usual",
            Self::Plain => "plain",
        }
    }
}
