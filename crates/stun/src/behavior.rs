//! How a NAT maps and filters, RFC 5780 §4.3 and §4.4: the client's side, and a [`Server`].
//!
//! ```text
//!                        to the server's                answered from
//!  1  address           address        , port           the same
//!  2  filtering         address        , port           its other address and port
//!  3  filtering         address        , port           its other port
//!  4  mapping           other address  , port           the same
//!  5  mapping           other address  , other port     the same
//! ```
//!
//! Filtering is asked first: once a datagram has gone to the other address, a filter may let
//! everything from there pass. Whatever is known already is not asked.

mod server;

use core::net::SocketAddr;

use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit};

use crate::attribute::{ChangeRequest, MappedAddress, OtherAddress, XorMappedAddress};
use crate::{
    Class, Message, MessageBuilder, Method, ParseError, Schedule, Transaction, TransactionId,
};

pub use server::Server;

/// On what a mapping or a filter depends (RFC 4787 §4.1 and §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// On nothing of the other end.
    EndpointIndependent,
    /// On the other end's address.
    AddressDependent,
    /// On the other end's address and port.
    AddressAndPortDependent,
}

/// What has been found out. `None`: the server could not help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behavior {
    /// The address that the server saw; equal to the local one where there is no NAT.
    pub mapped: Option<SocketAddr>,
    /// How addresses are mapped.
    pub mapping: Option<Dependence>,
    /// What is let in.
    pub filtering: Option<Dependence>,
}

/// Why a datagram was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discard {
    /// It is not a message.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// It answers no question that is open.
    #[error("{0} answers nothing")]
    Unexpected(TransactionId),
    /// It comes from where nobody was asked.
    #[error("an answer of {0}, who was not asked")]
    Source(SocketAddr),
}

/// It is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Address,
    FilterBoth,
    FilterPort,
    MapAddress,
    MapBoth,
    Done,
}

/// Asks a server of RFC 5780 all that is to be asked, over one socket that nobody else uses.
#[derive(Debug)]
pub struct Discovery {
    path: Path,
    rng: Box<dyn Rng>,
    schedule: Schedule,
    step: Step,
    transaction: Transaction,
    other: Option<SocketAddr>,
    /// Where the server's other address sees us.
    second: Option<SocketAddr>,
    behavior: Behavior,
    reported: bool,
}

impl Discovery {
    /// Begins. Silence is an answer too, so `schedule` says how long the whole may take: with the
    /// defaults of [`Schedule`] a strict filter takes 79 s to be told.
    pub fn new(now: Instant, path: Path, schedule: Schedule, mut rng: Box<dyn Rng>) -> Self {
        let transaction = Transaction::new(now, TransactionId::random(&mut *rng), schedule);
        Self {
            path,
            rng,
            schedule,
            step: Step::Address,
            transaction,
            other: None,
            second: None,
            behavior: Behavior::default(),
            reported: false,
        }
    }

    /// What is known so far.
    pub const fn behavior(&self) -> Behavior {
        self.behavior
    }

    fn begin(&mut self, now: Instant, step: Step) {
        self.step = step;
        let id = TransactionId::random(&mut *self.rng);
        self.transaction = Transaction::new(now, id, self.schedule);
    }

    fn answered(&mut self, now: Instant, mapped: Option<SocketAddr>, other: Option<SocketAddr>) {
        use Dependence::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
        match self.step {
            Step::Address => {
                self.behavior.mapped = mapped;
                self.other = other.filter(|other| other.is_ipv4() == self.path.remote.is_ipv4());
                let next = if self.other.is_some() { Step::FilterBoth } else { Step::Done };
                self.begin(now, next);
            }
            Step::FilterBoth => {
                self.behavior.filtering = Some(EndpointIndependent);
                self.map(now);
            }
            Step::FilterPort => {
                self.behavior.filtering = Some(AddressDependent);
                self.map(now);
            }
            Step::MapAddress if mapped == self.behavior.mapped => {
                self.behavior.mapping = Some(EndpointIndependent);
                self.step = Step::Done;
            }
            Step::MapAddress => {
                self.second = mapped;
                self.begin(now, Step::MapBoth);
            }
            Step::MapBoth => {
                let same = mapped == self.second;
                self.behavior.mapping =
                    Some(if same { AddressDependent } else { AddressAndPortDependent });
                self.step = Step::Done;
            }
            Step::Done => {}
        }
    }

    fn silent(&mut self, now: Instant) {
        match self.step {
            Step::FilterBoth => self.begin(now, Step::FilterPort),
            Step::FilterPort => {
                self.behavior.filtering = Some(Dependence::AddressAndPortDependent);
                self.map(now);
            }
            _ => self.step = Step::Done,
        }
    }

    /// RFC 5780 §4.3: where the mapped address is our own, there is no NAT.
    fn map(&mut self, now: Instant) {
        if self.behavior.mapped == Some(self.path.local) {
            self.behavior.mapping = Some(Dependence::EndpointIndependent);
            self.step = Step::Done;
        } else {
            self.begin(now, Step::MapAddress);
        }
    }

    /// From where such a question is answered.
    fn answerer(&self, asked: SocketAddr, change: ChangeRequest) -> Option<SocketAddr> {
        if change == ChangeRequest::default() {
            return Some(asked);
        }
        let other = self.other?;
        let ip = if change.ip { other.ip() } else { asked.ip() };
        Some(SocketAddr::new(ip, if change.port { other.port() } else { asked.port() }))
    }

    /// Where the question of this step goes, and what it asks for.
    fn question(&self) -> Option<(SocketAddr, ChangeRequest)> {
        let server = self.path.remote;
        let stay = ChangeRequest::default();
        Some(match self.step {
            Step::Address => (server, stay),
            Step::FilterBoth => (server, ChangeRequest { ip: true, port: true }),
            Step::FilterPort => (server, ChangeRequest { ip: false, port: true }),
            Step::MapAddress => (SocketAddr::new(self.other?.ip(), server.port()), stay),
            Step::MapBoth => (self.other?, stay),
            Step::Done => return None,
        })
    }
}

impl Machine for Discovery {
    type Path = Path;
    type Event = Finished;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Discard> {
        let message = Message::parse(input.data)?;
        let id = message.transaction_id();
        let is_response = matches!(message.class(), Class::SuccessResponse | Class::ErrorResponse);
        if self.step == Step::Done || !is_response || id != self.transaction.id() {
            return Err(Discard::Unexpected(id));
        }
        if message.class() == Class::ErrorResponse {
            // The server cannot do what was asked: nothing is known, which differs from silence.
            self.step = Step::Done;
            return Ok(());
        }
        let (asked, change) = self.question().ok_or(Discard::Unexpected(id))?;
        let from = self.answerer(asked, change);
        if from != Some(input.path.remote) {
            if change == ChangeRequest::default() {
                return Err(Discard::Source(input.path.remote));
            }
            // RFC 5780 §6.1: the server answers from where it was asked to, or does not know the
            // attribute. What comes from elsewhere says nothing of filters.
            self.map(now);
            return Ok(());
        }
        let xor = message.get::<XorMappedAddress>().ok().flatten().map(|mapped| mapped.0);
        let plain = message.get::<MappedAddress>().ok().flatten().map(|mapped| mapped.0);
        let other = message.get::<OtherAddress>().ok().flatten().map(|other| other.0);
        self.answered(now, xor.or(plain), other);
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.step != Step::Done && self.transaction.is_timed_out(now) {
            self.silent(now);
        }
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let (remote, change) = self.question()?;
        if !self.transaction.poll_transmit(now) {
            return None;
        }
        let start = buf.len();
        let request = MessageBuilder::request(buf, Method::BINDING, self.transaction.id());
        if change == ChangeRequest::default() {
            request.fingerprint();
        } else {
            request.attribute(&change).fingerprint();
        }
        let path = Path { remote, ..self.path };
        Some(Transmit::new(path, buf.len() - start))
    }

    fn poll_event(&mut self) -> Option<Finished> {
        let news = self.step == Step::Done && !self.reported;
        self.reported |= news;
        news.then_some(Finished)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        (self.step != Step::Done).then(|| self.transaction.poll_timeout())
    }
}

#[cfg(test)]
mod tests;
