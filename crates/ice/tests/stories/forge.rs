//! Messages made by hand, and one agent that takes them.

use patchcord_ice::{Agent, Config, Credentials, Discard, Role};
use sansio::{Datagram, Instant, Machine, Path};
use stun::attribute::{
    IceControlled, IceControlling, Nomination, Priority, UseCandidate, Username,
};
use stun::{Class, IntegrityKey, Message, MessageBuilder, Method, TransactionId};

use crate::scene::{A, B, address, host};

/// What a check claims.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) id: u8,
    pub(crate) username: String,
    pub(crate) pwd: String,
    pub(crate) priority: Option<u32>,
    pub(crate) role: Role,
    pub(crate) tie_breaker: u64,
    pub(crate) nominates: bool,
    /// Of NOMINATION.
    pub(crate) number: Option<u32>,
}

impl Check {
    /// A good one for this agent, from a controlling side that would win any conflict.
    pub(crate) fn to(agent: &Agent) -> Self {
        let credentials = agent.local_credentials();
        Self {
            id: 1,
            username: format!("{}:them", credentials.ufrag()),
            pwd: credentials.pwd().to_owned(),
            priority: Some(0x6e00_ffff),
            role: Role::Controlling,
            tie_breaker: u64::MAX,
            nominates: false,
            number: None,
        }
    }

    /// With all attributes but MESSAGE-INTEGRITY and FINGERPRINT.
    pub(crate) fn begin<'o>(&self, out: &'o mut Vec<u8>) -> MessageBuilder<'o> {
        let id = TransactionId::from([self.id; 12]);
        let mut message = MessageBuilder::request(out, Method::BINDING, id)
            .attribute(&Username::new(&self.username).unwrap());
        if let Some(priority) = self.priority {
            message = message.attribute(&Priority(priority));
        }
        message = match self.role {
            Role::Controlling => message.attribute(&IceControlling(self.tie_breaker)),
            Role::Controlled => message.attribute(&IceControlled(self.tie_breaker)),
        };
        if let Some(number) = self.number {
            message = message.attribute(&Nomination(number));
        }
        if self.nominates { message.attribute(&UseCandidate) } else { message }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.begin(&mut out).integrity(&IntegrityKey::short_term(&self.pwd)).fingerprint();
        out
    }
}

pub(crate) fn them() -> Credentials {
    Credentials::new("them", "their password of 22 by".replace(' ', "_")).unwrap()
}

/// From the remote address to the local one.
pub(crate) fn path(local: &str, remote: &str) -> Path {
    Path::udp(address(local), address(remote))
}

pub(crate) fn usual_path() -> Path {
    path(A, B)
}

/// A controlled agent at [`A`].
pub(crate) fn agent(config: Config) -> Agent {
    host(config, 1, Role::Controlled, &[A]).agent
}

pub(crate) fn hand(
    agent: &mut Agent,
    now: Instant,
    path: Path,
    bytes: &[u8],
) -> Result<(), Discard> {
    agent.handle_input(now, Datagram::new(path, now, &mut bytes.to_vec()))
}

/// All that the agent has to send.
pub(crate) fn drain(agent: &mut Agent, now: Instant) -> Vec<(Path, Vec<u8>)> {
    let mut sent = Vec::new();
    let mut buf = Vec::new();
    while let Some(transmit) = agent.poll_transmit(now, &mut buf) {
        sent.push((transmit.path, core::mem::take(&mut buf)));
    }
    sent
}

/// How many of these are of a class.
pub(crate) fn count(sent: &[(Path, Vec<u8>)], class: Class) -> usize {
    sent.iter().filter(|(_, bytes)| Message::parse(bytes).unwrap().class() == class).count()
}

/// Answers a check as `them` would.
pub(crate) fn answer(path: Path, request: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let request = Message::parse(request).unwrap();
    MessageBuilder::success(&mut out, &request)
        .attribute(&stun::attribute::XorMappedAddress(path.local))
        .integrity(&IntegrityKey::short_term(them().pwd()))
        .fingerprint();
    out
}
