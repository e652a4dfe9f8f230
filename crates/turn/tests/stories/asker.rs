//! A client by hand: requests that our own client does not make.

use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::{
    Attribute, AttributeType, ErrorCode, Message, MessageBuilder, Method, TransactionId, long_term,
};

use crate::scene::{Host, SERVER, at};

pub(crate) struct Asker {
    pub(crate) path: Path,
    credentials: long_term::Client,
    count: u8,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    /// The error code; 0 for a success.
    pub(crate) fn code(&self) -> u16 {
        self.get::<ErrorCode<'_>>().map_or(0, |code| code.code())
    }

    pub(crate) fn get<'a, A: Attribute<'a>>(&'a self) -> Option<A> {
        Message::parse(&self.0).ok()?.get().ok()?
    }
}

impl Asker {
    #[track_caller]
    pub(crate) fn new(from: &str, transport: Transport, user: (&str, &str)) -> Self {
        let Ok(credentials) = long_term::Client::new(user.0, user.1) else {
            unreachable!("a short name")
        };
        let path = Path { local: at(SERVER), remote: at(from), transport };
        Self { path, credentials, count: 0 }
    }

    /// Asks with credentials, and returns the answer, if there is one at once.
    pub(crate) fn ask(
        &mut self,
        host: &mut Host,
        now: Instant,
        method: Method,
        attributes: &[(AttributeType, Vec<u8>)],
    ) -> Option<Answer> {
        loop {
            self.count += 1;
            let (mut whole, id) = (Vec::new(), TransactionId::from([self.count; 12]));
            let request = MessageBuilder::request(&mut whole, method, id);
            let request = attributes.iter().fold(request, |request, (kind, value)| {
                request.raw(*kind, &masked(*kind, value, self.count))
            });
            self.credentials.seal(request);
            let answer = Answer(self.send(host, now, &whole)?);
            if !matches!(answer.code(), 401 | 438) {
                return Some(answer);
            }
            let message = Message::parse(&answer.0).ok()?;
            self.credentials.challenge(&message).ok()?;
        }
    }

    fn send(&self, host: &mut Host, now: Instant, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = bytes.to_vec();
        let _ = host.handle_input(now, Datagram::new(self.path, now, &mut bytes));
        let mut buf = Vec::new();
        host.poll_transmit(now, &mut buf).map(|_| buf)
    }
}

/// A peer address as it is in a message: IPv6 is masked with the transaction id as well.
fn masked(kind: AttributeType, value: &[u8], count: u8) -> Vec<u8> {
    let mut value = value.to_vec();
    if kind == AttributeType::XOR_PEER_ADDRESS {
        value.iter_mut().skip(8).for_each(|byte| *byte ^= count);
    }
    value
}

/// An attribute to ask with.
pub(crate) fn with<'a, A: Attribute<'a>>(attribute: &A) -> (AttributeType, Vec<u8>) {
    let mut out = Vec::new();
    // Addresses are masked with the cookie alone.
    attribute.write(&[0; 12].into(), &mut out);
    (A::TYPE, out)
}
