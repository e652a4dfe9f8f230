//! One connection: frames on a TCP connection, and a clock that the runner turns.
//!
//! ```text
//! P length 4 | datagram        either way
//! T nanoseconds 8              so much time passes; answered with t
//! M mtu 4                      datagrams are shorter from now on
//! E nanoseconds 8              the next timer is that far ahead; all ones: there is none
//! ```

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, Shutdown, TcpStream};
use std::time::Duration;

use patchcord_dtls::{CloseReason, Connection, Event, State};
use sansio::{Instant, Machine};
use testkit::SeededRng;

use crate::Stop;
use crate::flags::Flags;

/// What makes a ServerHello a HelloRetryRequest begins with (RFC 8446 §4.1.3).
const RETRY: [u8; 8] = [0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11];

pub(crate) struct Shell {
    flags: Flags,
    dtls: Connection,
    stream: TcpStream,
    now: Instant,
    /// A HelloRetryRequest has come, or gone.
    retried: bool,
}

impl Shell {
    pub(crate) fn new(flags: Flags) -> Result<Self, Stop> {
        let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, flags.port))?;
        stream.set_nodelay(true)?;
        stream.write_all(&flags.shim.to_le_bytes())?;
        let now = Instant::from_millis(1000);
        let rng = SeededRng::boxed(flags.shim);
        let fingerprints = flags.fingerprints.clone();
        let dtls = Connection::new(now, &flags.config, flags.role, fingerprints, rng)
            .map_err(|error| Stop::Unimplemented(error.to_string()))?;
        Ok(Self { flags, dtls, stream, now, retried: false })
    }

    pub(crate) fn run(&mut self) -> Result<(), Stop> {
        let outcome = self.turns();
        // So that the runner can read our last words before the connection is reset.
        let _ = self.stream.shutdown(Shutdown::Write);
        self.stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        while matches!(self.stream.read(&mut [0; 1024]), Ok(1..)) {}
        outcome
    }

    fn turns(&mut self) -> Result<(), Stop> {
        loop {
            self.flush()?;
            while let Some(event) = self.dtls.poll_event() {
                match event {
                    // Fingerprints alone count here, so nobody is asked.
                    Event::CertificatePresented => {}
                    Event::Connected { .. } => self.connected()?,
                    Event::Closed(CloseReason::Local | CloseReason::Remote) => {
                        return self.flush();
                    }
                    Event::Closed(reason) => {
                        self.flush()?;
                        return Err(Stop::Failed(reason.to_string()));
                    }
                }
            }
            if !self.read()? {
                return match self.dtls.state() {
                    State::Connected => Ok(()),
                    state => Err(Stop::Failed(format!("the runner has gone while {state}"))),
                };
            }
        }
    }

    /// The handshake is complete.
    fn connected(&mut self) -> Result<(), Stop> {
        self.flush()?;
        if self.flags.retry.is_some_and(|expected| expected != self.retried) {
            return Err(Stop::Failed(format!("a HelloRetryRequest: {}", self.retried)));
        }
        if let Some(expected) = &self.flags.protocol
            && self.dtls.application_protocol() != Some(expected.as_bytes())
        {
            let found = self.dtls.application_protocol();
            return Err(Stop::Failed(format!("the protocol {found:?}, not {expected}")));
        }
        if let Some(export) = &self.flags.export {
            let mut keys = vec![0; export.len];
            let context = export.with_context.then_some(export.context.as_bytes());
            self.dtls.export_keying_material(&export.label, context, &mut keys)?;
            self.send(&keys)?;
        }
        if self.flags.writes_first {
            self.send(b"hello")?;
        }
        if self.flags.updates_keys {
            self.dtls.update_keys(self.now);
        }
        if self.flags.shuts_down {
            self.dtls.close(self.now);
        }
        self.flush()
    }

    /// Reads a frame and acts on it. False: there is no more.
    fn read(&mut self) -> Result<bool, Stop> {
        let mut kind = [0];
        match self.stream.read_exact(&mut kind) {
            Ok(()) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
                ) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        match kind {
            [b'P'] => {
                let len = usize::try_from(u32::from_be_bytes(self.array()?))?;
                let mut datagram = vec![0; len];
                self.stream.read_exact(&mut datagram)?;
                self.retried |= datagram.windows(8).any(|bytes| bytes == RETRY);
                self.datagram(&mut datagram)?;
            }
            [b'T'] => {
                let time = Duration::from_nanos(u64::from_be_bytes(self.array()?));
                self.stream.write_all(b"t")?;
                self.pass(time);
            }
            [b'M'] => {
                let mtu = usize::try_from(u32::from_be_bytes(self.array()?))?;
                self.dtls.set_mtu(mtu).map_err(|error| Stop::Unimplemented(error.to_string()))?;
            }
            [b'E'] => {
                let time = u64::from_be_bytes(self.array()?);
                self.expect_timer((time != u64::MAX).then(|| Duration::from_nanos(time)))?;
            }
            [other] => {
                return Err(Stop::Unimplemented(format!("the frame {}", char::from(other))));
            }
        }
        Ok(true)
    }

    /// Opens a datagram, and answers its application data with its complement.
    fn datagram(&mut self, datagram: &mut [u8]) -> Result<(), Stop> {
        let mut rest = datagram;
        let mut answers = Vec::new();
        while !rest.is_empty() {
            if let Ok(Some(data)) = self.dtls.open(self.now, &mut rest) {
                answers.push(data.iter().map(|byte| byte ^ 0xFF).collect::<Vec<_>>());
            }
        }
        // What came before the handshake was complete would be in `poll_data`. BoringSSL drops it, and
        // the runner wants no answer.
        for answer in answers.iter().filter(|answer| !answer.is_empty()) {
            self.flush()?;
            if self.flags.updates_keys {
                self.dtls.update_keys(self.now);
            }
            self.send(answer)?;
        }
        Ok(())
    }

    /// Our timers are spread by a quarter; the runner knows only of their middle.
    fn pass(&mut self, time: Duration) {
        let (middle, latest) = (self.now + time, self.now + time + time / 4);
        let due = self.dtls.poll_timeout().filter(|due| *due <= latest);
        self.now = due.map_or(middle, |due| due.max(middle));
        self.dtls.handle_timeout(self.now);
    }

    fn expect_timer(&mut self, expected: Option<Duration>) -> Result<(), Stop> {
        const DAY: Duration = Duration::from_secs(86_400);
        // What is days ahead is the end of the handshake, not the timer of a flight.
        let due = self.dtls.poll_timeout().map(|due| due - self.now);
        let found = due.filter(|due| *due < DAY);
        let alike = match (found, expected) {
            (Some(found), Some(expected)) => found.abs_diff(expected) <= expected / 4,
            (None, None) => true,
            _ => false,
        };
        match alike {
            true => Ok(()),
            false => Err(Stop::Failed(format!("a timer in {found:?}, not in {expected:?}"))),
        }
    }

    fn send(&mut self, data: &[u8]) -> Result<(), Stop> {
        let mut record = vec![0; self.dtls.head_room()];
        record.extend_from_slice(data);
        self.dtls.seal(&mut record, 0)?;
        self.frame(&record)
    }

    fn flush(&mut self) -> Result<(), Stop> {
        let mut datagram = Vec::new();
        while self.dtls.poll_transmit(self.now, &mut datagram).is_some() {
            self.retried |= datagram.windows(8).any(|bytes| bytes == RETRY);
            self.frame(&datagram)?;
            datagram.clear();
        }
        Ok(())
    }

    fn frame(&mut self, datagram: &[u8]) -> Result<(), Stop> {
        let len = u32::try_from(datagram.len())?.to_be_bytes();
        self.stream.write_all(&[b"P", &len[..], datagram].concat())?;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
