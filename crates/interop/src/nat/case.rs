//! Who is where, and what becomes of it.

use std::{fmt, time::Duration};

use sansio::Transport;
use serde_json::{Value, json};

use super::{
    middle::{self, Maker},
    router::Router,
};
use crate::cases::{Offerer, Round};

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
    Chromium(Offerer),
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
}

const fn needed(transport: Transport) -> Option<Relay> {
    Some(Relay { reason: Reason::Needed, transport, maker: Maker::Coturn })
}

const fn wanted(transport: Transport, maker: Maker) -> Option<Relay> {
    Some(Relay { reason: Reason::Wanted, transport, maker })
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
    (Router::Cone, Router::Cone, wanted(Transport::Udp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, wanted(Transport::Tcp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, wanted(Transport::Tls, Maker::Patchcord)),
];

const NATIVE: &[Row] =
    &[(Router::Cone, Router::Open, None), (Router::Symmetric, Router::Open, None)];

/// Seconds of picture and sound through a relay that forgets who is silent for a minute.
const MEDIA: &[(Option<Relay>, u64)] = &[
    (wanted(Transport::Udp, Maker::Patchcord), 4),
    (wanted(Transport::Tls, Maker::Coturn), 4),
    (wanted(Transport::Udp, Maker::Patchcord), 600),
    (wanted(Transport::Udp, Maker::Coturn), 600),
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
        let chromium = CHROMIUM.iter().flat_map(move |row| {
            [Offerer::Browser, Offerer::Server].map(|offerer| new(Caller::Chromium(offerer), row))
        });
        let native = NATIVE.iter().map(move |row| new(Caller::Native, row));
        let media = MEDIA.iter().map(move |&(relay, seconds)| Self {
            plan: Plan::Media(seconds),
            ..new(Caller::Chromium(Offerer::Browser), &(Router::Cone, Router::Cone, relay))
        });
        chromium.chain(native).chain(media)
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

    /// What a browser is given, and what has to come of it.
    pub(super) fn request(self, offerer: Offerer) -> Value {
        let offered = self.relay.map_or(Transport::Udp, |relay| relay.transport);
        let only = self.relay.is_some_and(|relay| relay.reason == Reason::Wanted);
        let servers = json!([
            { "urls": middle::stun_url() },
            { "urls": middle::turn_url(offered), "username": "user", "credential": "pass" },
        ]);
        let (function, seconds) = match self.plan {
            Plan::Messages => ("nat", None),
            Plan::Media(seconds) => ("nat_media", Some(seconds)),
        };
        let policy = if only { "relay" } else { "all" };
        json!({
            "case": function, "offerer": offerer.to_string(), "seconds": seconds,
            "config": { "iceServers": servers, "iceTransportPolicy": policy },
            "relay": self.relay.map(|relay| relay.transport.to_string()),
        })
    }
}

impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caller, left, right, relay, plan } = self;
        if *caller == Caller::Native {
            f.write_str("our call, ")?;
        }
        write!(f, "{left} to {right}")?;
        if let Some(Relay { reason, transport, maker }) = relay {
            match reason {
                Reason::Needed => write!(f, ", {transport} relay")?,
                Reason::Wanted => write!(f, ", relay only, {maker} {transport}")?,
            }
        }
        if let Plan::Media(seconds) = plan {
            write!(f, ", {seconds} s of media")?;
        }
        match caller {
            Caller::Chromium(offerer) => write!(f, ", {offerer} offers"),
            Caller::Native => Ok(()),
        }
    }
}
