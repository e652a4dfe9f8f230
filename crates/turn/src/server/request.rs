//! Who asks for what, RFC 8656 §5 and RFC 8489 §9.2.4.

use core::net::SocketAddr;

use sansio::{Instant, Path, Transmit, Transport};
use stun::behavior;
use stun::long_term::{Account, Authenticated, Name, Refusal, Secret};
use stun::{AttributeType, Class, ErrorCode, Message, MessageBuilder, Method};

use super::{Discard, Server};

/// What is understood in a request or an indication (RFC 8489 §6.3.1, §6.3.2); the first one only
/// where [`Config::dont_fragment`](super::Config::dont_fragment) says so.
const UNDERSTOOD: [AttributeType; 19] = [
    AttributeType::DONT_FRAGMENT,
    AttributeType::XOR_PEER_ADDRESS,
    AttributeType::DATA,
    AttributeType::USERNAME,
    AttributeType::USERHASH,
    AttributeType::REALM,
    AttributeType::NONCE,
    AttributeType::MESSAGE_INTEGRITY,
    AttributeType::MESSAGE_INTEGRITY_SHA256,
    AttributeType::PASSWORD_ALGORITHM,
    AttributeType::CHANNEL_NUMBER,
    AttributeType::LIFETIME,
    AttributeType::REQUESTED_ADDRESS_FAMILY,
    AttributeType::EVEN_PORT,
    AttributeType::REQUESTED_TRANSPORT,
    AttributeType::RESERVATION_TOKEN,
    AttributeType::CONNECTION_ID,
    AttributeType::XOR_MAPPED_ADDRESS,
    AttributeType::PRIORITY,
];

/// A request that is its user's.
pub(super) struct Asked<'a> {
    pub(super) path: Path,
    pub(super) message: Message<'a>,
    pub(super) user: Authenticated,
}

/// What becomes of a request: it is granted with these attributes, refused, or answered later.
pub(super) enum Outcome<'o> {
    Granted(MessageBuilder<'o>),
    Refused(ErrorCode<'static>),
    Later,
}

impl Server {
    /// Answers a request into `out`.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        path: Path,
        message: Message<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Transmit<Path>, Discard> {
        let start = out.len();
        if message.has_fingerprint() && message.check_fingerprint().is_err() {
            return Err(Discard::Fingerprint);
        }
        if message.method() == Method::BINDING {
            let path = self.answer_binding(now, path, &message, out)?;
            return Ok(Transmit::new(path, out.len() - start));
        }
        // Who has no allocation is a stranger until the contrary is proved, and the proof is work:
        // there is none of it for those who will not be answered.
        if !self.by_client.contains_key(&path) {
            self.has_answers(now, path)?;
        }
        match self.authenticate(now, path, &message) {
            Ok(user) => self.serve(now, &Asked { path, message, user }, out)?,
            Err(refusal) => self.challenge(now, path, &message, refusal, out)?,
        }
        Ok(Transmit::new(path, out.len() - start))
    }

    /// RFC 8656 §7.2: to a server that cannot set DF, DONT-FRAGMENT is unknown.
    pub(super) const fn understood(&self) -> &'static [AttributeType] {
        let [_, always @ ..] = &UNDERSTOOD;
        if self.config.dont_fragment { &UNDERSTOOD } else { always }
    }

    /// Whose request it is. Within an allocation its user's key is at hand, and outlives the
    /// credentials it was made from: a call does not end because a ticket for its beginning does.
    fn authenticate(
        &self,
        now: Instant,
        path: Path,
        message: &Message<'_>,
    ) -> Result<Authenticated, Refusal> {
        let known = self.by_client.get(&path).and_then(|id| self.allocations.get(id));
        let sha256 = message.has_integrity_sha256();
        self.credentials.authenticate(now, path.remote, message, |name| match known {
            Some(known) if name == Name::Plain(&known.username) && known.sha256 == sha256 => {
                let secret = Secret::Key(known.key.clone());
                Some(Account { username: known.username.clone(), secret })
            }
            _ => self.accounts.find(name, self.unix(now)),
        })
    }

    /// Takes one of the answers that strangers get.
    fn stranger(&mut self, now: Instant, path: Path) -> Result<(), Discard> {
        self.has_answers(now, path)?;
        let limits = [self.config.strangers, self.config.all_strangers];
        self.strangers.take(now, path.remote.ip(), limits);
        Ok(())
    }

    /// Whether there is an answer left for a stranger.
    fn has_answers(&mut self, now: Instant, path: Path) -> Result<(), Discard> {
        let limits = [self.config.strangers, self.config.all_strangers];
        let source = path.remote.ip();
        if self.strangers.has(now, source, limits) {
            return Ok(());
        }
        self.stats.strangers_ignored += 1;
        Err(Discard::Strangers(source))
    }

    /// Returns the path of the answer: where that was asked for, it comes from another address.
    fn answer_binding(
        &mut self,
        now: Instant,
        path: Path,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Path, Discard> {
        self.stranger(now, path)?;
        // It has been parsed, so it is answered.
        let none = |_| Discard::Incomplete;
        let pairs = &self.config.behavior;
        match pairs.iter().find(|pair| path.transport == Transport::Udp && pair.serves(path.local))
        {
            None => {
                stun::server::answer(message.as_bytes(), path.remote, out).map_err(none)?;
                Ok(path)
            }
            Some(pair) => {
                // Both the question and the answer are at the addresses that clients know.
                let [primary, other] = [pair.primary, pair.other].map(|one| self.announced(one));
                let known = Path { local: self.announced(path.local), ..path };
                let server = behavior::Server { primary, other };
                let answered = server.answer(known, message.as_bytes(), out).map_err(none)?;
                let from =
                    if answered.local.ip() == primary.ip() { pair.primary } else { pair.other };
                let local = SocketAddr::new(from.ip(), answered.local.port());
                Ok(Path { local, ..path })
            }
        }
    }

    fn challenge(
        &mut self,
        now: Instant,
        path: Path,
        message: &Message<'_>,
        refusal: Refusal,
        out: &mut Vec<u8>,
    ) -> Result<(), Discard> {
        self.stranger(now, path)?;
        self.stats.challenged += 1;
        let response = self.credentials.refuse(now, path.remote, message, refusal, out);
        if message.has_fingerprint() {
            response.fingerprint();
        }
        Ok(())
    }

    fn serve(&mut self, now: Instant, asked: &Asked<'_>, out: &mut Vec<u8>) -> Result<(), Discard> {
        let Asked { path, message, user } = asked;
        let understood = self.understood();
        if message.unknown_attributes(understood).next().is_some() {
            self.stats.refused += 1;
            user.seal(MessageBuilder::unknown_attributes(out, message, understood));
            return Ok(());
        }
        // RFC 8656 §5: within an allocation only its user has a say.
        let strange = self.by_client.get(path).and_then(|id| self.allocations.get(id)).is_some_and(
            |allocation| *allocation.identity != *self.accounts.identity(&user.username),
        );
        let start = out.len();
        let outcome = if strange && message.method() != Method::ALLOCATE {
            Outcome::Refused(ErrorCode::WRONG_CREDENTIALS)
        } else {
            let response = MessageBuilder::success(out, message);
            match message.method() {
                Method::ALLOCATE => self.allocate(now, asked, response),
                Method::REFRESH => self.refresh(now, asked, response),
                Method::CREATE_PERMISSION => self.create_permission(now, asked, response),
                Method::CHANNEL_BIND => self.channel_bind(now, asked, response),
                Method::CONNECT => self.connect(now, asked),
                Method::CONNECTION_BIND => self.connection_bind(asked, response),
                _ => Outcome::Refused(ErrorCode::BAD_REQUEST),
            }
        };
        match outcome {
            Outcome::Granted(response) => {
                self.stats.granted += 1;
                finish(asked, response);
            }
            Outcome::Refused(code) => {
                self.stats.refused += 1;
                out.truncate(start);
                finish(asked, MessageBuilder::error(out, message, code));
            }
            Outcome::Later => {
                out.truncate(start);
                return Err(Discard::Opening);
            }
        }
        Ok(())
    }

    /// Queues a message that the server sends by itself, or later.
    pub(super) fn say(&mut self, path: Path, build: impl FnOnce(&mut Vec<u8>)) {
        let mut out = Vec::new();
        build(&mut out);
        self.responses.push_back((path, out));
    }
}

fn finish(asked: &Asked<'_>, response: MessageBuilder<'_>) {
    let sealed = asked.user.seal(response);
    if asked.message.has_fingerprint() {
        sealed.fingerprint();
    }
}

/// Whether a message is a request.
pub(super) fn is_request(message: &Message<'_>) -> bool {
    message.class() == Class::Request
}
