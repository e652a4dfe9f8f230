//! Every case: who, what, how long at most.

use std::{fmt, time::Duration};

use crate::handshake::Handshake;
use crate::relay::Relay;

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
}

/// Who makes the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offerer {
    Browser,
    Server,
}

/// How a browser writes its own addresses into its candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// As `.local` names: the default of browsers without permission for a camera.
    Hidden,
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
}

/// One row of the suite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) peer: Peer,
    pub(crate) task: Task,
    pub(crate) round: Round,
    /// After this time it has failed, and whatever runs for it is ended.
    pub(crate) limit: Duration,
}

/// When a case runs without being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    Always,
    /// With `--long`.
    Long,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// A function of `cases.mjs`, `channels.mjs`, `media.mjs` or `warp.mjs`.
    Browser {
        function: &'static str,
        offerer: Offerer,
        addresses: Addresses,
        features: Features,
        codecs: Option<Codecs>,
    },
    Native(Native),
    /// A script in Python: data, sound and pictures, there and back.
    Python,
    /// DTLS without anything else.
    Handshake(Handshake),
    /// A relay without anything else.
    Relay(Relay),
}

/// A codec for pictures and one for sound, as `a=rtpmap` calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codecs {
    pub(crate) video: &'static str,
    pub(crate) audio: &'static str,
}

/// What our own caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    Call,
    CallOverTls,
    CallNobody,
    CallFour,
}

/// Function of `cases.mjs`, seconds.
const DATA: &[(&str, u64)] = &[
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
const CHANNELS: &[(&str, u64)] = &[
    ("bulk", 240),
    ("large", 60),
    ("five_hundred", 60),
    ("partial", 60),
    ("kill_browser", 120),
    ("kill_server", 90),
];

/// Function of `media.mjs`, seconds.
const MEDIA: &[(&str, u64)] = &[
    ("media", 40),
    ("codecs", 60),
    ("ramp", 60),
    ("tracks", 60),
    ("mute", 60),
    ("loss", 60),
    ("studio", 90),
];

/// Another one, for Chromium alone.
const INTERLEAVED: (&str, u64) = ("interleaved", 60);

/// Function of `warp.mjs`, seconds. For Chromium alone.
const WARP: &[(&str, u64)] = &[("snap", 30), ("sped", 30), ("warp", 30)];

/// Codecs that browsers have without help from outside, each at least once. Debian's Firefox has no
/// H.264 of its own.
const CODECS: &[(Codecs, &[Peer])] = &[
    (Codecs { video: "VP8", audio: "opus" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "VP9", audio: "G722" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "AV1", audio: "PCMU" }, &[Peer::Chromium, Peer::Firefox]),
    (Codecs { video: "H264", audio: "opus" }, &[Peer::Chromium]),
];

/// Seconds.
const NATIVE: &[(Native, u64)] = &[
    (Native::Call, 90),
    (Native::CallOverTls, 90),
    (Native::CallFour, 180),
    (Native::CallNobody, 40),
];

/// The cases that `words` name: peers, and parts of names. Long ones only if `long`, or if a part of
/// a name was given.
pub(crate) fn choose(words: &[String], long: bool) -> Vec<Case> {
    let named = |peer: Peer| words.iter().any(|word| *word == peer.to_string() || word == "all");
    let any_peer = Peer::ALL.into_iter().any(named);
    let parts: Vec<_> = words.iter().filter(|word| !is_peer(word)).collect();
    let mut cases = all();
    cases.retain(|case| {
        let by_default = !any_peer && matches!(case.peer, Peer::Chromium | Peer::Native);
        let name = case.name();
        (named(case.peer) || by_default)
            && (parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())))
            && (long || !parts.is_empty() || case.round == Round::Always)
    });
    cases
}

fn is_peer(word: &str) -> bool {
    word == "all" || Peer::ALL.iter().any(|peer| peer.to_string() == word)
}

fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (task, seconds) in NATIVE {
        let limit = Duration::from_secs(*seconds);
        let task = Task::Native(*task);
        cases.push(Case { peer: Peer::Native, task, round: Round::Always, limit });
    }
    for peer in [Peer::Chromium, Peer::Firefox] {
        for (function, seconds) in DATA.iter().chain(CHANNELS) {
            add(&mut cases, peer, function, *seconds, Addresses::Hidden, None);
        }
        for (function, seconds) in MEDIA.iter().filter(|(function, _)| is_for(function, peer)) {
            if *function != "codecs" {
                add(&mut cases, peer, function, *seconds, Addresses::Hidden, None);
                continue;
            }
            for (codecs, _) in CODECS.iter().filter(|(_, peers)| peers.contains(&peer)) {
                add(&mut cases, peer, function, *seconds, Addresses::Hidden, Some(*codecs));
            }
        }
        add(&mut cases, peer, "echo", 60, Addresses::Plain, None);
        if peer == Peer::Chromium {
            for (function, seconds) in WARP.iter().chain([&INTERLEAVED]) {
                add(&mut cases, peer, function, *seconds, Addresses::Hidden, None);
            }
        }
    }
    for peer in [Peer::Aiortc, Peer::Gstreamer] {
        let (task, limit) = (Task::Python, Duration::from_secs(60));
        cases.push(Case { peer, task, round: Round::Always, limit });
    }
    for peer in [Peer::Openssl, Peer::Gnutls] {
        for handshake in Handshake::all() {
            let (task, limit) = (Task::Handshake(handshake), Duration::from_secs(20));
            cases.push(Case { peer, task, round: Round::Always, limit });
        }
    }
    for relay in Relay::all() {
        let (task, limit) = (Task::Relay(relay), Duration::from_secs(40));
        cases.push(Case { peer: Peer::Coturn, task, round: Round::Always, limit });
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
    let seldom = matches!(
        function,
        "silence" | "reload" | "mute" | "loss" | "bulk" | "kill_browser" | "kill_server"
    );
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

impl Case {
    /// What a filter looks into: `close channel here, browser offers`.
    pub(crate) fn name(&self) -> String {
        match self.task {
            Task::Browser { function, offerer, addresses, codecs, .. } => {
                let plain = if addresses == Addresses::Plain { " by plain addresses" } else { "" };
                let codecs = codecs.map_or_else(String::new, |codecs| format!(" {codecs}"));
                format!("{}{codecs}{plain}, {offerer} offers", function.replace('_', " "))
            }
            Task::Native(Native::Call) => "call".into(),
            Task::Native(Native::CallOverTls) => "call over tls".into(),
            Task::Native(Native::CallFour) => "call four times at once".into(),
            Task::Native(Native::CallNobody) => "call nobody".into(),
            Task::Python => "data, sound and pictures".into(),
            Task::Handshake(handshake) => handshake.to_string(),
            Task::Relay(relay) => relay.to_string(),
        }
    }
}

impl Peer {
    const ALL: [Self; 8] = [
        Self::Chromium,
        Self::Firefox,
        Self::Native,
        Self::Aiortc,
        Self::Gstreamer,
        Self::Openssl,
        Self::Gnutls,
        Self::Coturn,
    ];
}

impl fmt::Display for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.video, self.audio)
    }
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
        })
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
        }
    }
}

impl Addresses {
    /// The word for the driver.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Plain => "plain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str]) -> Vec<Case> {
        choose(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), false)
    }

    #[test]
    fn names_are_unique_for_a_peer() {
        let mut names: Vec<_> = all().iter().map(|c| format!("{} {}", c.peer, c.name())).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn words_choose_peers_and_parts_of_names() {
        assert_eq!(choose(&["all".into()], true).len(), all().len());
        assert!(chosen(&[]).iter().all(|c| matches!(c.peer, Peer::Chromium | Peer::Native)));
        assert!(chosen(&["chromium"]).iter().all(|case| case.peer == Peer::Chromium));
        assert_eq!(chosen(&["chromium", "reload"]).len(), 2);
        assert_eq!(chosen(&["firefox", "native", "tls"]).len(), 3);
        assert!(chosen(&["no such case"]).is_empty());
    }

    #[test]
    fn long_cases_run_when_asked_for() {
        assert!(chosen(&["all"]).iter().all(|case| case.round == Round::Always));
        assert_eq!(chosen(&["chromium", "codecs"]).len(), 8);
        assert_eq!(chosen(&["firefox", "H264"]).len(), 0);
        assert_eq!(choose(&[], true).iter().filter(|case| case.round == Round::Long).count(), 10);
    }

    #[test]
    fn each_function_exists_in_the_scripts_and_each_export_is_a_case() {
        let exports = |script: &'static str| -> Vec<_> {
            let lines = script.lines().filter_map(|line| line.strip_prefix("export "));
            let rest = lines.filter_map(|line| {
                line.strip_prefix("async function ").or_else(|| line.strip_prefix("const "))
            });
            rest.filter_map(|rest| rest.split(['(', ' ']).next()).collect()
        };
        let names = |table: &[(&'static str, u64)]| -> Vec<_> {
            table.iter().map(|(function, _)| *function).collect()
        };
        assert_eq!(exports(include_str!("../js/cases.mjs")), names(DATA));
        let mut channels = names(CHANNELS);
        channels.push(INTERLEAVED.0);
        assert_eq!(exports(include_str!("../js/channels.mjs")), channels);
        assert_eq!(exports(include_str!("../js/media.mjs")), names(MEDIA));
        assert_eq!(exports(include_str!("../js/warp.mjs")), names(WARP));
    }
}
