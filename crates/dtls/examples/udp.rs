//! One DTLS connection over UDP, to try against other programs:
//!
//! ```text
//! udp client|server ADDRESS certificate.pem FINGERPRINT|any [1.2|1.3] [mtu N]
//! openssl s_server -dtls1_2 -accept 4433 -cert … -key … -use_srtp SRTP_AEAD_AES_128_GCM -verify 1
//! ```
//!
//! Prints what was agreed on and what SRTP would be keyed with, sends a line, prints what comes,
//! and says goodbye. With `any` it prints the fingerprint that it would have to be told.
#![expect(clippy::disallowed_types, reason = "a shell owns clocks and sockets")]
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use patchcord_dtls::{
    Certificate, Config, Connection, Event, Fingerprint, HashFunction, Role, Versions,
};
use sansio::{Clock, Instant, Machine};
use testkit::SeededRng;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut shell = Shell::new(&args)?;
    while !shell.turn()? {}
    Ok(())
}

/// A connection, its socket and its clock.
struct Shell {
    dtls: Connection,
    socket: UdpSocket,
    clock: Clock,
    /// Where the other side is; a server learns it.
    to: Option<SocketAddr>,
    /// When it says goodbye.
    ends: Option<Instant>,
    buf: Vec<u8>,
}

impl Shell {
    fn new(args: &[String]) -> Result<Self, Box<dyn Error>> {
        let [role, address, pem, fingerprint, more @ ..] = args else {
            let usage =
                "udp client|server ADDRESS certificate.pem FINGERPRINT|any [1.2|1.3] [mtu N]";
            return Err(usage.into());
        };
        let role = if role == "client" { Role::Client } else { Role::Server };
        let certificate = Arc::new(Certificate::from_pem(&std::fs::read_to_string(pem)?)?);
        println!("own {}", certificate.fingerprint(HashFunction::Sha256));
        let mut config = Config::new(certificate);
        config.versions = match more.first().map(String::as_str) {
            Some("1.2") => Versions::Dtls12,
            Some("1.3") => Versions::Dtls13,
            _ => Versions::Both,
        };
        if let [.., word, mtu] = more
            && word == "mtu"
        {
            config.mtu = mtu.parse()?;
        }
        let expected = match fingerprint.as_str() {
            "any" => Fingerprint::new(HashFunction::Sha256, &[0; 32])?,
            text => text.parse()?,
        };
        let (socket, to) = match role {
            Role::Client => (UdpSocket::bind("127.0.0.1:0")?, Some(address.parse()?)),
            Role::Server => (UdpSocket::bind(address)?, None),
        };
        let clock = Clock::start();
        // Not for use: hello randoms want a secure generator.
        let rng = SeededRng::boxed(u64::from(std::process::id()));
        let dtls = Connection::new(clock.now(), &config, role, vec![expected], rng)?;
        Ok(Self { dtls, socket, clock, to, ends: None, buf: Vec::new() })
    }

    /// Says what there is to say, then waits for something. True: that was it.
    fn turn(&mut self) -> Result<bool, Box<dyn Error>> {
        while let Some(event) = self.dtls.poll_event() {
            match event {
                // Fingerprints alone count here, so nobody is asked.
                Event::CertificatePresented => {}
                Event::Connected { version, cipher_suite, group, srtp_profile } => {
                    let group = group.map(|group| group.to_string()).unwrap_or_default();
                    println!("connected {version} {cipher_suite} {srtp_profile:?} {group}");
                    self.greet()?;
                }
                Event::Closed(reason) => {
                    self.flush()?;
                    println!("{reason}");
                    return Ok(true);
                }
            }
        }
        self.flush()?;
        let wake = self.dtls.poll_timeout().into_iter().chain(self.ends).min();
        let wait = wake.map_or(Duration::from_secs(20), |at| at - self.clock.now());
        self.socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
        let mut input = vec![0; 1 << 16];
        if let Ok((len, from)) = self.socket.recv_from(&mut input) {
            self.to = Some(from);
            let mut rest = input.get_mut(..len).unwrap_or_default();
            while !rest.is_empty() {
                if let Ok(Some(data)) = self.dtls.open(self.clock.now(), &mut rest) {
                    println!("received {:?}", String::from_utf8_lossy(data));
                }
            }
        }
        while let Some(data) = self.dtls.poll_data() {
            println!("received {:?}", String::from_utf8_lossy(&data));
        }
        let now = self.clock.now();
        self.dtls.handle_timeout(now);
        if self.ends.is_some_and(|at| at <= now) {
            self.dtls.close(now);
        }
        Ok(false)
    }

    /// Shows what SRTP would be keyed with, and sends a line.
    fn greet(&mut self) -> Result<(), Box<dyn Error>> {
        self.flush()?;
        if let Some(keys) = self.dtls.keying_material() {
            let [client, server] = [Role::Client, Role::Server].map(|role| keys.written_by(role));
            let all = [client.key, server.key, client.salt, server.salt].concat();
            let hex: String = all.iter().map(|byte| format!("{byte:02X}")).collect();
            println!("keys {hex}");
        }
        let mut record = vec![0; self.dtls.head_room()];
        record.extend_from_slice(b"hello from patchcord\n");
        self.dtls.seal(&mut record, 0)?;
        if let Some(to) = self.to {
            self.socket.send_to(&record, to)?;
        }
        self.ends = Some(self.clock.now() + Duration::from_secs(2));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error>> {
        self.buf.clear();
        while self.dtls.poll_transmit(self.clock.now(), &mut self.buf).is_some() {
            if let Some(to) = self.to {
                self.socket.send_to(&self.buf, to)?;
            }
            self.buf.clear();
        }
        Ok(())
    }
}
