//! Our ICE agent with others, without DTLS or media: each side in either role, candidates at once or
//! one by one, consent, restarts, and our data through a relay.

mod candidate;
mod host;
mod program;
mod stream;

use std::{
    fmt, fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use ice::{CandidatePolicy, Config, Role, State, TcpType};
use sansio::Transport;

use crate::{cases::Peer, relay};
use host::Host;
use program::{Line, Program};

/// Words, with a pause of 10 ms after each.
const SHORT: usize = 50;
/// Longer than consent is left without a check, 6 s at most (RFC 7675 §5.1).
const LONG: usize = 650;
const PAUSE: Duration = Duration::from_millis(10);

/// Who does what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agents {
    /// Ours.
    role: Role,
    signalling: Signalling,
    plan: Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signalling {
    /// Each side tells all it has at once.
    Whole,
    /// Each tells what it finds when it finds it.
    Trickled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Talk,
    /// Long enough to need consent.
    Consent,
    /// We begin anew while we talk, or the other side does; aioice with another agent in its place.
    Restart,
    TheirRestart,
    /// It has nothing but TCP, and our candidate is of this type.
    Tcp(TcpType),
    /// We let nothing but a relay of coturn be used.
    Relay(Transport),
}

impl Agents {
    pub(crate) fn all(peer: Peer) -> impl Iterator<Item = Self> {
        use Plan::{Consent, Relay, Restart, Talk, Tcp, TheirRestart};
        let roles = [Role::Controlling, Role::Controlled];
        let plans = [
            (Signalling::Whole, Talk),
            (Signalling::Trickled, Consent),
            (Signalling::Trickled, Restart),
            (Signalling::Trickled, TheirRestart),
            (Signalling::Whole, Tcp(TcpType::Active)),
            (Signalling::Trickled, Tcp(TcpType::Passive)),
            (Signalling::Whole, Relay(Transport::Udp)),
            (Signalling::Trickled, Relay(Transport::Tcp)),
            (Signalling::Trickled, Relay(Transport::Tls)),
        ];
        roles.into_iter().flat_map(move |role| {
            let all =
                plans.into_iter().map(move |(signalling, plan)| Self { role, signalling, plan });
            // aioice has no TCP.
            all.filter(move |it| peer == Peer::Libnice || !matches!(it.plan, Tcp(_)))
        })
    }
}

impl fmt::Display for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.plan {
            Plan::Talk => "talk",
            Plan::Consent => "talk with consent",
            Plan::Restart => "we restart",
            Plan::TheirRestart => "it restarts",
            Plan::Tcp(TcpType::Active) => "tcp, we connect",
            Plan::Tcp(_) => "tcp, it connects",
            Plan::Relay(_) => "we relay",
        })?;
        if let Plan::Relay(transport) = self.plan {
            write!(f, " over {transport}")?;
        }
        f.write_str(match self.signalling {
            Signalling::Whole => "",
            Signalling::Trickled => ", trickled",
        })?;
        f.write_str(match self.role {
            Role::Controlling => ", we control",
            Role::Controlled => ", it controls",
        })
    }
}

/// Runs one case with `peer`; the folder `target` is ours to fill.
pub(crate) fn run(
    case: Agents,
    peer: Peer,
    target: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    let folder = target.join("agents");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let word = if case.signalling == Signalling::Whole { "whole" } else { "trickled" };
    let transport = if matches!(case.plan, Plan::Tcp(_)) { "tcp" } else { "udp" };
    let program = Program::start(peer, case.role.opposite(), [word, transport], &folder)?;
    let policy = match case.plan {
        Plan::Relay(_) => CandidatePolicy::Relay,
        _ => CandidatePolicy::All,
    };
    let relays = target.join("relay");
    let server = match case.plan {
        Plan::Relay(_) => Some(relay::Program::coturn(&relays)?),
        _ => None,
    };
    let config = Config { policy, ..Config::default() };
    let mut host = Host::start(config, case.role, relays.join("certificate.pem"))?;
    if let (Plan::Relay(transport), Some(server)) = (case.plan, &server) {
        host.add_relay(transport, server)?;
    }
    if let Plan::Tcp(tcp_type) = case.plan {
        host.add_tcp(tcp_type)?;
    }
    host.end_of_local();
    let mut call = Call { host, program, case, end: Instant::now() + limit, said: 0 };
    call.hold()
}

struct Call {
    host: Host,
    program: Program,
    case: Agents,
    end: Instant,
    said: usize,
}

impl Call {
    fn hold(&mut self) -> anyhow::Result<String> {
        let started = Instant::now();
        self.introduce()?;
        self.until("no path", |call| call.host.agent.route().is_some() && call.program.is_ready)?;
        let found = started.elapsed().as_millis();
        self.talk(if self.case.plan == Plan::Consent { LONG } else { SHORT })?;
        match self.case.plan {
            Plan::Talk | Plan::Consent | Plan::Tcp(_) | Plan::Relay(_) => {}
            Plan::Restart => {
                self.host.restart();
                // Our offer is under way.
                self.talk(SHORT)?;
                self.program.say("restart")?;
                self.begin_anew()?;
            }
            Plan::TheirRestart => {
                self.program.say("restart")?;
                let before = self.host.remote_ufrag();
                self.until("no new credentials", |call| call.host.remote_ufrag() != before)?;
                self.begin_anew()?;
            }
        }
        self.until("not completed", |call| call.host.agent.state() == State::Completed)?;
        let (said, heard) = (self.said, self.host.heard);
        ensure!(said == heard, "{heard} of {said} words came back");
        let pair = self.host.agent.selected_pair().context("no pair")?;
        let (near, far) = (pair.local.kind.name(), pair.remote.kind.name());
        let way = format!("{near} to {far} over {}", pair.path.transport);
        let consent = pair.stats.consent_requests_sent;
        ensure!(self.case.plan != Plan::Consent || consent > 0, "no consent was asked for");
        Ok(format!("{way} after {found} ms, {said} words, consent asked for {consent} times"))
    }

    /// Each side's description to the other.
    fn introduce(&mut self) -> anyhow::Result<()> {
        if self.case.signalling == Signalling::Whole {
            self.until("gathering is not complete", |call| call.host.has_gathered())?;
        }
        let (ufrag, pwd) = self.host.credentials();
        self.program.say(&format!("remote {ufrag} {pwd}"))
    }

    fn begin_anew(&mut self) -> anyhow::Result<()> {
        self.introduce()?;
        for line in self.host.candidates()? {
            self.program.say(&line)?;
        }
        self.program.say("end")?;
        self.until("no new path", |call| call.host.agent.selected_pair().is_some())?;
        self.talk(SHORT)
    }

    fn talk(&mut self, words: usize) -> anyhow::Result<()> {
        for _ in 0..words {
            let next = Instant::now() + PAUSE;
            self.said += usize::from(self.host.say(b"word")?);
            while Instant::now() < next {
                self.turn()?;
            }
        }
        let said = self.said;
        self.until("words are missing", |call| call.host.heard >= said)
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        while !holds(self) {
            self.turn()?;
            let state = self.host.agent.state();
            ensure!(Instant::now() < self.end, "{what}, {state:?}; it said: {}", self.program.last);
            ensure!(state != State::Failed, "failed; it said: {}", self.program.last);
        }
        Ok(())
    }

    /// Signalling and datagrams, as far as there are any.
    fn turn(&mut self) -> anyhow::Result<()> {
        self.host.turn()?;
        for line in self.host.lines.drain(..) {
            self.program.say(&line)?;
        }
        while let Some(line) = self.program.line()? {
            match line {
                Line::Local { ufrag, pwd } => {
                    // An offer that begins anew; the answer does so too.
                    if self.case.plan == Plan::TheirRestart && self.host.remote_ufrag().is_some() {
                        self.host.restart();
                    }
                    self.host.set_remote(&ufrag, &pwd)?;
                }
                Line::Candidate(text) => self.host.add_remote(&text)?,
                Line::End => self.host.end_of_remote(),
                Line::Other => {}
            }
        }
        thread::sleep(Duration::from_micros(500));
        Ok(())
    }
}
