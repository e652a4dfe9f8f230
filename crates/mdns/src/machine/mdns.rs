//! The machine: its struct, the contract of machines.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::collections::{BTreeMap, VecDeque};

use sansio::{Datagram, Instant, Machine, Path, Transmit};

use super::ask::Inquiry;
use super::hear::Heard;
use super::tell::{Answer, Budget, Offer};
use crate::message::{Message, ParseError};
use crate::{Config, Name};

/// Where all listen and, but for legacy questions, all send from (RFC 6762 §3).
pub const PORT: u16 = 5353;

/// The group to join on a link, and to send to from this address of ours (RFC 6762 §3).
pub const fn group(local: SocketAddr) -> SocketAddr {
    match local {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), PORT),
        SocketAddr::V6(local) => {
            let all = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
            SocketAddr::V6(SocketAddrV6::new(all, PORT, 0, local.scope_id()))
        }
    }
}

/// Asks for names of others, and answers for ours.
///
/// A *link* is an interface in one family, known by an address of ours on it: the local address of
/// all its [`Path`]s. The shell has a socket on port 5353 for each, which has joined
/// [`group`]; and it hands in only what comes from the link itself (RFC 6762 §11).
///
/// * **Commands**: [`set_links`](Self::set_links), [`resolve`](Self::resolve),
///   [`offer`](Self::offer), [`withdraw`](Self::withdraw), [`withdraw_all`](Self::withdraw_all).
/// * **Input and output**: [`Machine`].
#[derive(Debug)]
pub struct Mdns {
    pub(super) config: Config,
    pub(super) links: Vec<SocketAddr>,
    // Others choose names: a tree needs no seed.
    pub(super) inquiries: BTreeMap<Name, Inquiry>,
    pub(super) heard: BTreeMap<Name, Heard>,
    pub(super) offers: BTreeMap<Name, Offer>,
    pub(super) questions: VecDeque<Asked>,
    pub(super) answers: VecDeque<Answer>,
    pub(super) budget: Budget,
    pub(super) events: VecDeque<Event>,
}

/// A datagram of questions that is due.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) link: SocketAddr,
    pub(super) names: Vec<Name>,
    pub(super) unicast: bool,
}

/// A fact for whoever drives the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A name that was asked for has these addresses, one a family at most; or none: nobody has
    /// answered.
    Resolved(Name, Vec<IpAddr>),
}

/// Why a datagram was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Discard {
    /// It came to no link of ours.
    #[error("{0} is no link")]
    Link(SocketAddr),
    /// It is no DNS message.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// Its OPCODE or its RCODE is not 0 (RFC 6762 §18.3, §18.11).
    #[error("neither a query nor an answer")]
    NotStandard,
    /// A response from another port than 5353 (RFC 6762 §6).
    #[error("a response from port {0}")]
    SourcePort(u16),
    /// It is about other names, as nearly all is that is said on a link.
    #[error("about other names")]
    Unrelated,
}

impl Mdns {
    /// A machine that has no link yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            links: Vec::new(),
            inquiries: BTreeMap::new(),
            heard: BTreeMap::new(),
            offers: BTreeMap::new(),
            questions: VecDeque::new(),
            answers: VecDeque::new(),
            budget: Budget::default(),
            events: VecDeque::new(),
        }
    }

    /// Through which interfaces it asks and tells from now on: an address of ours on each, with port
    /// 5353, and for IPv6 with its scope. Names are told and asked for anew where they were not yet.
    pub fn set_links(&mut self, now: Instant, links: &[SocketAddr]) {
        let is_new = links.iter().any(|link| !self.links.contains(link));
        self.links = links.to_vec();
        self.questions.retain(|asked| links.contains(&asked.link));
        self.answers.retain(|answer| links.contains(&answer.path.local));
        self.forget_links();
        if is_new {
            self.ask_anew(now);
            self.announce_anew(now);
        }
        self.handle_timeout(now);
    }

    /// The links.
    pub fn links(&self) -> &[SocketAddr] {
        &self.links
    }

    /// Whether nothing is asked for and nothing is offered: nobody needs its sockets.
    pub fn is_idle(&self) -> bool {
        self.inquiries.is_empty()
            && self.offers.is_empty()
            && self.questions.is_empty()
            && self.answers.is_empty()
    }
}

impl Machine for Mdns {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let Path { local, remote, .. } = input.path;
        if !self.links.contains(&local) {
            return Err(Discard::Link(local));
        }
        let message = Message::parse(input.data)?;
        if !message.is_standard() {
            return Err(Discard::NotStandard);
        }
        let used = if !message.is_response() {
            self.asked(now, input.path, &message)
        } else if remote.port() == PORT {
            self.hear(now, &message)
        } else {
            return Err(Discard::SourcePort(remote.port()));
        };
        if used { Ok(()) } else { Err(Discard::Unrelated) }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.ask_due(now);
        self.tell_due(now);
    }

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let start = buf.len();
        let path = match self.answers.pop_front() {
            Some(answer) => {
                answer.write(buf);
                answer.path
            }
            None => {
                let asked = self.questions.pop_front()?;
                asked.write(buf);
                Path::udp(asked.link, group(asked.link))
            }
        };
        Some(Transmit::new(path, buf.len() - start))
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let asked = self.inquiries.values().map(Inquiry::timeout);
        let told = self.offers.values().filter_map(Offer::timeout);
        asked.chain(told).min()
    }
}
