//! Binding requests (RFC 8489 §3) over one UDP socket.

use std::{
    io::{self, IoSliceMut},
    net::SocketAddr,
    time::Duration,
};

use patchcord::Random;
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};
use sansio::{Clock, Instant};
use stun::{
    AttributeType, Class, Message, MessageBuilder, Method, Schedule, Transaction, TransactionId,
    attribute::{MappedAddress, OtherAddress, XorMappedAddress},
};
use tokio::{io::Interest, net::UdpSocket, time::timeout_at};

use crate::approach::Approach;

/// When a question is asked again, and when it was in vain: after 1.5 s, at 0, 0.1, 0.3 and 0.7 s.
pub(crate) const SCHEDULE: Schedule =
    Schedule { rto: Duration::from_millis(100), requests: 4, patience: 8 };

/// A socket of its own.
pub(crate) struct Asker {
    socket: UdpSocket,
    approach: Approach,
    local: SocketAddr,
    clock: Clock,
    rng: Random,
    /// With it come datagrams of equal size in one piece.
    state: Option<UdpSocketState>,
    inbox: Inbox,
}

/// What one call has received: datagrams of `stride` bytes, the last may be shorter.
struct Inbox {
    buf: Vec<u8>,
    taken: usize,
    len: usize,
    stride: usize,
}

/// What a server has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Where it sees us; `None` if it has refused the question.
    pub(crate) mapped: Option<SocketAddr>,
    /// Its other address and port, if it has RFC 5780.
    pub(crate) other: Option<SocketAddr>,
    /// Not known when the question was asked more than once.
    pub(crate) round_trip: Option<Duration>,
}

impl Asker {
    pub(crate) async fn bind(approach: Approach) -> io::Result<Self> {
        let socket = approach.bind().await?;
        let rng = Random::from_system().map_err(io::Error::other)?;
        let (local, clock) = (socket.local_addr()?, Clock::start());
        Ok(Self { socket, approach, local, clock, rng, state: None, inbox: Inbox::new() })
    }

    /// Forbids that what it sends is fragmented. False: this system cannot.
    pub(crate) fn forbid_fragments(&mut self) -> io::Result<bool> {
        let state = UdpSocketState::new(UdpSockRef::from(&self.socket))?;
        let forbidden = !state.may_fragment();
        self.state = Some(state);
        Ok(forbidden)
    }

    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// Any bytes, for nobody in particular who may be there. What cannot be sent is not heard.
    pub(crate) async fn send_bytes(&self, bytes: &[u8], to: SocketAddr) {
        let _ = self.socket.send_to(bytes, self.approach.outward(to)).await;
    }

    /// Asks where the server sees us. `None`: it does not answer.
    pub(crate) async fn ask(&mut self, server: SocketAddr) -> Option<Answer> {
        self.ask_all(&[server]).await.pop().flatten()
    }

    /// Asks several servers at once, all from this socket.
    pub(crate) async fn ask_all(&mut self, servers: &[SocketAddr]) -> Vec<Option<Answer>> {
        let (mut open, mut answers) = (Vec::new(), vec![None; servers.len()]);
        for (index, server) in servers.iter().enumerate() {
            let id = TransactionId::random(&mut self.rng);
            open.push((index, *server, Transaction::new(self.clock.now(), id, SCHEDULE)));
        }
        loop {
            let now = self.clock.now();
            for (_, server, transaction) in &mut open {
                if transaction.poll_transmit(now) {
                    let mut request = Vec::new();
                    MessageBuilder::request(&mut request, Method::BINDING, transaction.id())
                        .fingerprint();
                    self.send_bytes(&request, *server).await;
                }
            }
            open.retain(|(.., transaction)| !transaction.is_timed_out(now));
            let due = open.iter().map(|(.., transaction)| transaction.poll_timeout()).min();
            let Some(due) = due else { return answers };
            let Some((bytes, received)) = self.receive(due).await else { continue };
            open.retain(|(index, _, transaction)| {
                let answer = read(bytes, transaction.id());
                if let Some(answer) = answer {
                    let round_trip = transaction.round_trip(received);
                    answers[*index] = Some(Answer { round_trip, ..answer });
                }
                answer.is_none()
            });
        }
    }

    /// A message with this attribute in place of an ordinary request; nobody waits for an answer.
    pub(crate) async fn send(
        &mut self,
        server: SocketAddr,
        (kind, value): (AttributeType, &[u8]),
    ) -> TransactionId {
        let id = TransactionId::random(&mut self.rng);
        let mut request = Vec::new();
        MessageBuilder::request(&mut request, Method::BINDING, id).raw(kind, value).fingerprint();
        self.send_bytes(&request, server).await;
        id
    }

    /// Which of these transactions the next message belongs to, and whether it is a response;
    /// `None`: there is none until then.
    pub(crate) async fn hear(
        &mut self,
        ids: &[TransactionId],
        until: Instant,
    ) -> Option<(usize, Class)> {
        while let Some((bytes, _)) = self.receive(until).await {
            let Ok(message) = Message::parse(bytes) else { continue };
            if let Some(index) = ids.iter().position(|id| *id == message.transaction_id()) {
                return Some((index, message.class()));
            }
        }
        None
    }

    /// In this long.
    pub(crate) fn after(&self, time: Duration) -> Instant {
        self.clock.now() + time
    }

    /// The next datagram until then, and when it came.
    pub(crate) async fn receive(&mut self, until: Instant) -> Option<(&[u8], Instant)> {
        let deadline = self.clock.std(until).into();
        while self.inbox.is_empty() {
            let received = self.inbox.receive(&self.socket, self.state.as_ref());
            // An error is ICMP's, for something that was sent before.
            let _ = timeout_at(deadline, received).await.ok()?;
        }
        Some((self.inbox.take(), self.clock.now()))
    }
}

impl Inbox {
    fn new() -> Self {
        Self { buf: vec![0; 1 << 16], taken: 0, len: 0, stride: 1 }
    }

    const fn is_empty(&self) -> bool {
        self.taken >= self.len
    }

    fn take(&mut self) -> &[u8] {
        let start = self.taken;
        self.taken = self.len.min(start + self.stride);
        &self.buf[start..self.taken]
    }

    async fn receive(
        &mut self,
        socket: &UdpSocket,
        state: Option<&UdpSocketState>,
    ) -> io::Result<()> {
        let Some(state) = state else {
            let (count, _) = socket.recv_from(&mut self.buf).await?;
            (self.taken, self.len, self.stride) = (0, count, count.max(1));
            return Ok(());
        };
        let mut meta = [RecvMeta::default()];
        let receive = || {
            let mut buffers = [IoSliceMut::new(&mut self.buf)];
            state.recv(UdpSockRef::from(socket), &mut buffers, &mut meta)
        };
        socket.async_io(Interest::READABLE, receive).await?;
        (self.taken, self.len, self.stride) = (0, meta[0].len, meta[0].stride.max(1));
        Ok(())
    }
}

/// What the response to this transaction says.
fn read(bytes: &[u8], id: TransactionId) -> Option<Answer> {
    let message = Message::parse(bytes).ok()?;
    let is_response = matches!(message.class(), Class::SuccessResponse | Class::ErrorResponse);
    if message.transaction_id() != id || !is_response {
        return None;
    }
    let xor = message.get::<XorMappedAddress>().ok().flatten().map(|mapped| mapped.0);
    let plain = message.get::<MappedAddress>().ok().flatten().map(|mapped| mapped.0);
    let other = message.get::<OtherAddress>().ok().flatten().map(|other| other.0);
    Some(Answer { mapped: xor.or(plain), other, round_trip: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 12] = [7; 12];

    #[test]
    fn a_response_is_read_and_another_ones_is_not() {
        let (mut request, mut response) = (Vec::new(), Vec::new());
        MessageBuilder::request(&mut request, Method::BINDING, ID.into()).fingerprint();
        let message = Message::parse(&request).unwrap();
        let (mapped, other) = ("192.0.2.1:1".parse().unwrap(), "192.0.2.2:2".parse().unwrap());
        MessageBuilder::success(&mut response, &message)
            .attribute(&XorMappedAddress(mapped))
            .attribute(&OtherAddress(other));
        let answer = Answer { mapped: Some(mapped), other: Some(other), round_trip: None };
        assert_eq!(read(&response, ID.into()), Some(answer));
        assert_eq!(read(&response, [8; 12].into()), None);
        assert_eq!(read(&request, ID.into()), None, "our own question, come back");
        assert_eq!(read(b"garbage", ID.into()), None);
    }
}
