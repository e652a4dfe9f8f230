//! Who is where, and what becomes of it.

use std::{fmt, time::Duration};

use sansio::Transport;
use serde_json::{Value, json};

use super::{
    middle::{self, Maker},
    router::Router,
};
use crate::cases::{Offerer, Peer, Round};

/// A call from the left home to the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nat {
    pub(super) caller: Caller,
    /// Of the caller.
    pub(super) left: Router,
    /// Of `echo`.
    pub(super) right: Router,
    /// The relay that the call has to take. `None`: it goes directly, although there is one.
    pub(super) relay: Option<Relay>,
    pub(super) plan: Plan,
}

/// Who calls `echo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Chromium or Firefox.
    Browser(Peer, Offerer),
    /// `echo call`.
    Native,
}

/// What the call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Messages; of our own caller some media too.
    Messages,
    /// Picture and sound, so many seconds.
    Media(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relay {
    pub(super) reason: Reason,
    /// To the relay.
    pub(super) transport: Transport,
    pub(super) maker: Maker,
}

/// Why a call takes the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nothing else can work.
    Needed,
    /// The caller wants nothing else.
    Wanted,
    /// `echo` wants nothing else.
    WantedThere,
}

const fn needed(transport: Transport) -> Option<Relay> {
    Some(Relay { reason: Reason::Needed, transport, maker: Maker::Coturn })
}

const fn wanted(transport: Transport, maker: Maker) -> Option<Relay> {
    Some(Relay { reason: Reason::Wanted, transport, maker })
}

const fn wanted_there(transport: Transport, maker: Maker) -> Option<Relay> {
    Some(Relay { reason: Reason::WantedThere, transport, maker })
}

/// The routers of caller and `echo`, and the relay that the call has to take.
type Row = (Router, Router, Option<Relay>);

const CHROMIUM: &[Row] = &[
    (Router::Cone, Router::Open, None),
    (Router::Symmetric, Router::Open, None),
    (Router::Cone, Router::Cone, None),
    (Router::Symmetric, Router::Cone, needed(Transport::Udp)),
    (Router::Cone, Router::Symmetric, needed(Transport::Udp)),
    (Router::Symmetric, Router::Symmetric, needed(Transport::Udp)),
    (Router::TcpOnly, Router::Cone, needed(Transport::Tcp)),
    (Router::TcpOnly, Router::Symmetric, needed(Transport::Tls)),
    (Router::TcpOnly, Router::Open, None),
    (Router::Cone, Router::Cone, wanted(Transport::Udp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, wanted(Transport::Tcp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, wanted(Transport::Tls, Maker::Patchcord)),
    (Router::Symmetric, Router::Symmetric, wanted_there(Transport::Udp, Maker::Coturn)),
    (Router::Symmetric, Router::TcpOnly, wanted_there(Transport::Tcp, Maker::Coturn)),
    (Router::Symmetric, Router::TcpOnly, wanted_there(Transport::Tls, Maker::Coturn)),
];

/// It trusts no server over TLS whose certificate nobody has signed.
const FIREFOX: &[Row] = &[
    (Router::Cone, Router::Cone, None),
    (Router::Symmetric, Router::Symmetric, needed(Transport::Udp)),
    (Router::TcpOnly, Router::Cone, needed(Transport::Tcp)),
    (Router::Cone, Router::Cone, wanted(Transport::Udp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, wanted(Transport::Tcp, Maker::Patchcord)),
];

const NATIVE: &[Row] = &[
    (Router::Cone, Router::Open, None),
    (Router::Symmetric, Router::Open, None),
    (Router::Cone, Router::Cone, None),
    (Router::Symmetric, Router::Cone, needed(Transport::Udp)),
    (Router::Symmetric, Router::Symmetric, needed(Transport::Udp)),
    (Router::TcpOnly, Router::Cone, needed(Transport::Tcp)),
    (Router::TcpOnly, Router::Symmetric, needed(Transport::Tls)),
    (Router::TcpOnly, Router::Open, None),
    (Router::Cone, Router::Cone, wanted(Transport::Udp, Maker::Coturn)),
    (Router::Cone, Router::Cone, wanted(Transport::Tcp, Maker::Coturn)),
    (Router::Cone, Router::Cone, wanted(Transport::Tls, Maker::Coturn)),
    (Router::Cone, Router::Cone, wanted(Transport::Udp, Maker::Patchcord)),
];

/// Seconds of picture and sound through a relay that forgets who is silent for a minute.
const MEDIA: &[(Option<Relay>, u64)] = &[
    (wanted(Transport::Udp, Maker::Patchcord), 4),
    (wanted(Transport::Tls, Maker::Coturn), 4),
    (wanted(Transport::Udp, Maker::Patchcord), 600),
    (wanted(Transport::Udp, Maker::Coturn), 600),
    (wanted_there(Transport::Udp, Maker::Coturn), 600),
];

impl Nat {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let new = |caller, &(left, right, relay): &Row| Self {
            caller,
            left,
            right,
            relay,
            plan: Plan::Messages,
        };
        let rows = [(Peer::Chromium, CHROMIUM), (Peer::Firefox, FIREFOX)];
        let browsers = rows.into_iter().flat_map(move |(peer, rows)| {
            rows.iter().flat_map(move |row| {
                [Offerer::Browser, Offerer::Server]
                    .map(|offerer| new(Caller::Browser(peer, offerer), row))
            })
        });
        let native = NATIVE.iter().map(move |row| new(Caller::Native, row));
        let media = MEDIA.iter().map(move |&(relay, seconds)| Self {
            plan: Plan::Media(seconds),
            ..new(
                Caller::Browser(Peer::Chromium, Offerer::Browser),
                &(Router::Cone, Router::Cone, relay),
            )
        });
        browsers.chain(native).chain(media)
    }

    /// Ten minutes are for those who ask.
    pub(crate) fn round(self) -> Round {
        match self.plan {
            Plan::Media(60..) => Round::Long,
            _ => Round::Always,
        }
    }

    /// After this time it has failed.
    pub(crate) fn limit(self) -> Duration {
        let seconds = if let Plan::Media(seconds) = self.plan { seconds } else { 0 };
        Duration::from_secs(30 + seconds)
    }

    /// Whose server is in the middle.
    pub(super) fn maker(self) -> Maker {
        self.relay.map_or(Maker::Coturn, |relay| relay.maker)
    }

    /// Whether there is no way but ICE over TCP.
    fn needs_tcp(self) -> bool {
        self.left == Router::TcpOnly && self.relay.is_none()
    }

    fn is(self, reason: Reason) -> bool {
        self.relay.is_some_and(|relay| relay.reason == reason)
    }

    fn transport(self) -> Transport {
        self.relay.map_or(Transport::Udp, |relay| relay.transport)
    }

    /// What `echo` is started with.
    pub(super) fn flags(self) -> Vec<String> {
        let mut flags = vec!["--ice-server".into(), middle::stun_url()];
        if self.is(Reason::WantedThere) {
            flags.extend(["--relay-only".into(), "--ice-server".into()]);
            flags.push(format!("{},user,pass", middle::turn_url(self.transport())));
        }
        if self.needs_tcp() {
            flags.extend(["--tcp".into(), "0.0.0.0:0".into()]);
        }
        flags
    }

    /// What our own caller is started with.
    pub(super) fn call_flags(self) -> Vec<String> {
        let turn = format!("{},user,pass", middle::turn_url(self.transport()));
        let mut flags: Vec<_> =
            ["--ice-server", &middle::stun_url(), "--ice-server", &turn].map(String::from).into();
        // Media takes five seconds.
        flags.push(if self.is(Reason::Wanted) { "--relay-only" } else { "--no-media" }.into());
        if self.needs_tcp() {
            flags.push("--tcp".into());
        }
        flags
    }

    /// What a browser is given, and what has to come of it.
    pub(super) fn request(self, offerer: Offerer) -> Value {
        let (stun, turn) = (middle::stun_url(), middle::turn_url(self.transport()));
        let turn = json!({ "urls": turn, "username": "user", "credential": "pass" });
        let servers = match self.is(Reason::WantedThere) {
            true => json!([{ "urls": stun }]),
            false => json!([{ "urls": stun }, turn]),
        };
        let only = self.is(Reason::Wanted);
        let near = self.relay.filter(|relay| relay.reason != Reason::WantedThere);
        let (function, seconds) = match self.plan {
            Plan::Messages => ("nat", None),
            Plan::Media(seconds) => ("nat_media", Some(seconds)),
        };
        let policy = if only { "relay" } else { "all" };
        json!({
            "case": function, "offerer": offerer.to_string(), "seconds": seconds,
            "config": { "iceServers": servers, "iceTransportPolicy": policy },
            "relay": near.map(|relay| relay.transport.to_string()),
            "there": self.is(Reason::WantedThere),
        })
    }
}

impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caller, left, right, relay, plan } = self;
        match caller {
            Caller::Browser(peer, _) => write!(f, "{peer}, ")?,
            Caller::Native => f.write_str("our call, ")?,
        }
        write!(f, "{left} to {right}")?;
        if let Some(Relay { reason, transport, maker }) = relay {
            match reason {
                Reason::Needed => write!(f, ", {transport} relay")?,
                Reason::Wanted => write!(f, ", relay only, {maker} {transport}")?,
                Reason::WantedThere => write!(f, ", relay only there, {maker} {transport}")?,
            }
        }
        if let Plan::Media(seconds) = plan {
            write!(f, ", {seconds} s of media")?;
        }
        match caller {
            Caller::Browser(_, offerer) => write!(f, ", {offerer} offers"),
            Caller::Native => Ok(()),
        }
    }
}
