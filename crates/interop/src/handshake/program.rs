//! The other end: a program, its command line, what it prints.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use dtls::{Role, SrtpProfile};

use super::{Handshake, OURS, Only, THEIRS};
use crate::cases::Peer;

/// RFC 5764 §4.2.
const LABEL: &str = "EXTRACTOR-dtls_srtp";

/// The profile that a program knows. Debian's GnuTLS has none with GCM.
pub(super) fn profile(peer: Peer) -> SrtpProfile {
    match peer {
        Peer::Gnutls => SrtpProfile::Aes128CmSha1_80,
        _ => SrtpProfile::AeadAes128Gcm,
    }
}

pub(super) struct Program {
    child: Child,
    printed: Arc<Mutex<String>>,
    /// A server of GnuTLS repeats what it hears, and prints little.
    echoes: bool,
}

impl Program {
    /// Starts the program in the other role: a server on `port`, or a client of it.
    pub(super) fn start(
        peer: Peer,
        case: Handshake,
        port: u16,
        certificate: &Path,
        profile: SrtpProfile,
    ) -> anyhow::Result<Self> {
        let role = case.role.opposite();
        let mut command = match peer {
            Peer::Gnutls => gnutls(role, port, certificate, profile),
            _ => openssl(role, port, certificate, profile),
        };
        match case.only {
            Some(Only::Suite(_, name)) => command.args(["-cipher", name]),
            Some(Only::Group(_, name)) => command.args(["-groups", name]),
            // Ours is ECDSA with SHA-256.
            Some(Only::Signature(_, name)) => {
                command.args(["-sigalgs", &format!("{name}:ECDSA+SHA256")])
            }
            None => &mut command,
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {peer}"))?;
        let printed = Arc::new(Mutex::new(String::new()));
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as _),
            child.stderr.take().map(|out| Box::new(out) as _),
        ];
        for mut output in outputs.into_iter().flatten() {
            let printed = Arc::clone(&printed);
            thread::spawn(move || {
                let mut buf = [0; 4096];
                while let Ok(len @ 1..) = output.read(&mut buf) {
                    let text = String::from_utf8_lossy(buf.get(..len).unwrap_or_default());
                    printed.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
                }
            });
        }
        Ok(Self { child, printed, echoes: peer == Peer::Gnutls && role == Role::Server })
    }

    /// Lets it send a line.
    pub(super) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        let stdin = self.child.stdin.as_mut().context("the program has no input")?;
        writeln!(stdin, "{text}").context("writing to the program")
    }

    /// What it will send.
    pub(super) fn says(&self) -> &'static str {
        if self.echoes { OURS } else { THEIRS }
    }

    /// Whether it has received this.
    pub(super) fn heard(&self, text: &str) -> bool {
        self.echoes || self.printed().contains(text)
    }

    pub(super) fn tells_keys(&self) -> bool {
        !self.echoes
    }

    /// The keys for SRTP, as it prints them.
    pub(super) fn keys(&self) -> Option<String> {
        let printed = self.printed();
        let line = printed.lines().find_map(|line| {
            line.trim().strip_prefix("Keying material: ").or(line.strip_prefix("- Key material: "))
        });
        // A line that is still being printed has no end.
        let whole = line.is_some_and(|line| printed.contains(&format!("{line}\n")));
        line.filter(|_| whole).map(str::to_uppercase)
    }

    /// The last line that it has printed.
    pub(super) fn last(&self) -> String {
        let printed = self.printed();
        let last = printed.lines().rfind(|line| !line.trim().is_empty());
        last.unwrap_or("the program said nothing").to_owned()
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(role: Role, port: u16, certificate: &Path, profile: SrtpProfile) -> Command {
    let mut command = Command::new("openssl");
    match role {
        Role::Server => command.args(["s_server", "-accept", &port.to_string(), "-Verify", "1"]),
        Role::Client => command.args(["s_client", "-connect", &format!("127.0.0.1:{port}")]),
    };
    let len = 2 * (profile.key_len() + profile.salt_len());
    command.arg("-dtls1_2").arg("-cert").arg(certificate).arg("-key").arg(certificate);
    command.args(["-use_srtp", profile.name(), "-keymatexport", LABEL, "-keymatexportlen"]);
    command.arg(len.to_string());
    command
}

fn gnutls(role: Role, port: u16, certificate: &Path, profile: SrtpProfile) -> Command {
    let port = port.to_string();
    let mut command = match role {
        Role::Server => {
            let mut command = Command::new("gnutls-serv");
            command.args(["--echo", "--require-client-cert", "-p", &port]);
            command
        }
        Role::Client => {
            let mut command = Command::new("gnutls-cli");
            command.args(["--insecure", "-p", &port, "127.0.0.1"]);
            command
        }
    };
    let len = 2 * (profile.key_len() + profile.salt_len());
    command.arg("--udp").arg("--x509certfile").arg(certificate);
    command.arg("--x509keyfile").arg(certificate);
    command.arg(format!("--srtp-profiles={}", profile.name()));
    command.arg(format!("--keymatexport={LABEL}")).arg(format!("--keymatexportsize={len}"));
    command
}
