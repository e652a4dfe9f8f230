//! Streams: datagrams that arrive once and in order.
//!
//! ```text
//!  client          server        client          server
//!    ├── SYN ──────► │             ├── SYN ──────► │
//!    │ ◄── SYN ACK ──┤             │ ◄── SYN ACK ──┤
//!    TCP             TCP           ├── hello ────► │
//!                                  │ ◄── finished ─┤
//!                                  TLS             TLS
//! ```

use core::time::Duration;
use std::collections::BTreeMap;

use sansio::{Instant, Path, Transport};

use super::StreamNews;
use super::packet::{Flag, Segment};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The ends of streams at one host.
#[derive(Debug, Default)]
pub(super) struct Streams {
    ends: Vec<End>,
}

#[derive(Debug)]
struct End {
    path: Path,
    state: State,
    /// The number of the next segment out.
    sent: u64,
    /// The number of the next segment in.
    taken: u64,
    /// Segments that came before their turn.
    held: BTreeMap<u64, (Flag, Vec<u8>)>,
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// SYN is sent.
    Connecting,
    /// The client's hello is sent.
    Greeting,
    /// The client's hello is expected.
    Accepting,
    Open,
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Step {
    Send(Path, Segment),
    News(Path, StreamNews),
    Data(Path, Vec<u8>),
}

impl Streams {
    pub(super) fn connect(&mut self, now: Instant, path: Path, steps: &mut Vec<Step>) {
        let mut end = End::new(path, State::Connecting);
        end.deadline = Some(now + PATIENCE);
        steps.push(end.send(Flag::Syn));
        self.ends.retain(|other| other.path != path);
        self.ends.push(end);
    }

    pub(super) fn close(&mut self, path: Path, steps: &mut Vec<Step>) {
        let Some(index) = self.ends.iter().position(|end| end.path == path) else { return };
        let mut end = self.ends.swap_remove(index);
        let flag = if end.state == State::Open { Flag::Fin } else { Flag::Reset };
        steps.push(end.send(flag));
    }

    /// The segment for data, if the stream stands.
    pub(super) fn carry(&mut self, path: Path) -> Option<Segment> {
        let is_it = |end: &&mut End| end.path == path && end.state == State::Open;
        Some(self.ends.iter_mut().find(is_it)?.number(Flag::Data))
    }

    /// A segment has arrived.
    pub(super) fn take(
        &mut self,
        path: Path,
        segment: Segment,
        data: Vec<u8>,
        listens: bool,
        steps: &mut Vec<Step>,
    ) {
        let Some(index) = self.ends.iter().position(|end| end.path == path) else {
            self.take_unknown(path, segment, listens, steps);
            return;
        };
        let end = &mut self.ends[index];
        let is_over = if segment.flag == Flag::Reset {
            steps.push(Step::News(path, StreamNews::Closed));
            true
        } else {
            end.held.insert(segment.number, (segment.flag, data));
            end.take_held(steps)
        };
        if is_over {
            self.ends.swap_remove(index);
        }
    }

    /// What was not connected in time is over.
    pub(super) fn handle_timeout(&mut self, now: Instant, steps: &mut Vec<Step>) {
        let is_due = |end: &mut End| end.deadline.is_some_and(|deadline| deadline <= now);
        let over = self.ends.extract_if(.., is_due);
        steps.extend(over.map(|end| Step::News(end.path, StreamNews::Closed)));
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.ends.iter().filter_map(|end| end.deadline).min()
    }

    fn take_unknown(&mut self, path: Path, segment: Segment, listens: bool, steps: &mut Vec<Step>) {
        if segment.flag != Flag::Syn || !listens {
            if segment.flag != Flag::Reset {
                steps.push(End::new(path, State::Open).send(Flag::Reset));
            }
            return;
        }
        let is_tls = path.transport == Transport::Tls;
        let mut end = End::new(path, if is_tls { State::Accepting } else { State::Open });
        end.taken = 1;
        steps.push(end.send(Flag::SynAck));
        if !is_tls {
            steps.push(Step::News(path, StreamNews::Accepted));
        }
        self.ends.push(end);
    }
}

impl End {
    fn new(path: Path, state: State) -> Self {
        Self { path, state, sent: 0, taken: 0, held: BTreeMap::new(), deadline: None }
    }

    fn number(&mut self, flag: Flag) -> Segment {
        let number = self.sent;
        self.sent += 1;
        Segment { transport: self.path.transport, number, flag }
    }

    fn send(&mut self, flag: Flag) -> Step {
        let segment = self.number(flag);
        Step::Send(self.path, segment)
    }

    /// Takes what is in order. True: the stream is over.
    fn take_held(&mut self, steps: &mut Vec<Step>) -> bool {
        self.held.retain(|number, _| *number >= self.taken);
        while let Some((flag, data)) = self.held.remove(&self.taken) {
            self.taken += 1;
            match (self.state, flag) {
                (State::Connecting, Flag::SynAck) if self.path.transport == Transport::Tls => {
                    self.state = State::Greeting;
                    steps.push(self.send(Flag::Hello));
                }
                // Both have connected at once: RFC 9293 §3.5, figure 8.
                (State::Connecting, Flag::SynAck | Flag::Syn)
                | (State::Greeting, Flag::Finished) => {
                    (self.state, self.deadline) = (State::Open, None);
                    steps.push(Step::News(self.path, StreamNews::Connected));
                }
                (State::Accepting, Flag::Hello) => {
                    self.state = State::Open;
                    steps.push(self.send(Flag::Finished));
                    steps.push(Step::News(self.path, StreamNews::Accepted));
                }
                (State::Open, Flag::Data) => steps.push(Step::Data(self.path, data)),
                (_, Flag::Fin) => {
                    steps.push(Step::News(self.path, StreamNews::Closed));
                    return true;
                }
                // Nothing else is sent in this order.
                _ => {}
            }
        }
        false
    }
}
