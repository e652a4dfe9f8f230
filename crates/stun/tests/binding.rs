//! A client learns its address from a binding server, over links that lose and spoil datagrams.

extern crate patchcord_stun as stun;

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path, Transmit};
use stun::attribute::XorMappedAddress;
use stun::{Message, MessageBuilder, Method, Schedule, Transaction, TransactionId, server};
use testkit::{LinkConfig, Pair};

/// Asks once, and keeps the answer.
struct Client {
    path: Path,
    transaction: Option<Transaction>,
    answer: Option<(Instant, SocketAddr)>,
}

/// Nobody in this story asks why.
#[derive(Debug, thiserror::Error)]
#[error("not used")]
struct Unused;

impl Client {
    fn read(&self, bytes: &[u8]) -> Option<SocketAddr> {
        let message = Message::parse(bytes).ok()?;
        message.check_fingerprint().ok()?;
        let awaited = self.transaction.as_ref()?.id() == message.transaction_id();
        message.get::<XorMappedAddress>().ok()?.filter(|_| awaited).map(|mapped| mapped.0)
    }
}

impl Machine for Client {
    type Path = Path;
    type Event = ();
    type Discard = Unused;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) -> Result<(), Unused> {
        let address = self.read(input.data).ok_or(Unused)?;
        self.answer = Some((now, address));
        self.transaction = None;
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.transaction = self.transaction.take().filter(|asked| !asked.is_timed_out(now));
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let transaction = self.transaction.as_mut()?;
        if !transaction.poll_transmit(now) {
            return None;
        }
        let start = buf.len();
        MessageBuilder::request(buf, Method::BINDING, transaction.id()).fingerprint();
        Some(Transmit::new(self.path, buf.len() - start))
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.transaction.as_ref().map(Transaction::poll_timeout)
    }
}

/// Holds the answers until they are pulled.
#[derive(Default)]
struct Server {
    answers: Vec<(Path, Vec<u8>)>,
}

impl Machine for Server {
    type Path = Path;
    type Event = ();
    type Discard = server::Discard;

    fn handle_input(
        &mut self,
        _: Instant,
        input: Datagram<'_, Path>,
    ) -> Result<(), server::Discard> {
        let mut out = Vec::new();
        server::answer(input.data, input.path.remote, &mut out)?;
        self.answers.push((input.path, out));
        Ok(())
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let (path, answer) = self.answers.pop()?;
        buf.extend_from_slice(&answer);
        Some(Transmit::new(path, answer.len()))
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

const CLIENT: ([u8; 4], u16) = ([192, 0, 2, 1], 50_000);

fn pair(config: LinkConfig, seed: u64) -> Pair<Client, Server> {
    let path = Path::udp(CLIENT.into(), ([198, 51, 100, 1], 3478).into());
    let id = TransactionId::random(&mut testkit::SeededRng::new(seed));
    let transaction = Transaction::new(Instant::ZERO, id, Schedule::default());
    let client = Client { path, transaction: Some(transaction), answer: None };
    Pair::new(client, Server::default(), config, seed)
}

#[test]
fn the_answer_takes_one_round_trip() {
    let mut pair = pair(LinkConfig::delayed(Duration::from_millis(50)), 1);
    while pair.step() {}
    assert_eq!(pair.a.answer, Some((Instant::from_millis(100), CLIENT.into())));
}

#[test]
fn seven_requests_are_sent_in_vain() {
    let mut pair = pair(LinkConfig { loss: 1.0, ..LinkConfig::default() }, 1);
    while pair.step() {}
    assert_eq!(pair.now, Instant::from_millis(39_500));
    assert_eq!(pair.a.answer, None);
    let sent = pair.trace.entries().map(|entry| entry.time);
    let expected = [0, 500, 1500, 3500, 7500, 15_500, 31_500];
    assert!(sent.eq(expected.map(Instant::from_millis)));
    let mut requests = pair.trace.entries().map(|entry| &entry.data);
    let first = requests.next().unwrap();
    assert!(requests.all(|request| request == first), "a retransmission is the same message");
}

#[test]
fn a_bad_link_delays_the_answer_and_never_falsifies_it() {
    let config = LinkConfig {
        jitter: Duration::from_millis(30),
        loss: 0.3,
        duplicate: 0.2,
        reorder: 0.2,
        corrupt: 0.3,
        ..LinkConfig::delayed(Duration::from_millis(50))
    };
    let mut answered = 0;
    for seed in 0..300 {
        let mut pair = pair(config, seed);
        while pair.step() {}
        if let Some((_, address)) = pair.a.answer {
            assert_eq!(address, CLIENT.into(), "seed {seed}");
            answered += 1;
        }
    }
    // One of seven tries succeeds: 1 - (1 - 0.49 * 0.49)^7 = 85 %.
    assert!(answered > 230, "{answered} of 300 were answered");
}
