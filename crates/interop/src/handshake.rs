//! DTLS alone, with programs that speak it: OpenSSL and GnuTLS in either role, with ECDSA and RSA
//! certificates, a line each way, and the keys for SRTP compared.

mod end;
mod program;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use dtls::{Certificate, Config, HashFunction, Role};

use crate::{cases::Peer, setup};
use end::End;
use program::Program;

/// What we say, and what the other side says.
const OURS: &str = "from patchcord";
const THEIRS: &str = "from the other side";

/// Who is who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// Ours.
    pub(crate) role: Role,
    pub(crate) own: Key,
    pub(crate) theirs: Key,
    /// Of our datagrams.
    pub(crate) mtu: usize,
}

/// What a certificate is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Ecdsa,
    Rsa,
}

impl Handshake {
    /// Each role with each kind of key on either side, and with small datagrams.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let settings = [
            (Key::Ecdsa, Key::Ecdsa, 1184),
            (Key::Ecdsa, Key::Rsa, 1184),
            (Key::Rsa, Key::Ecdsa, 1184),
            (Key::Rsa, Key::Rsa, 256),
        ];
        [Role::Client, Role::Server].into_iter().flat_map(move |role| {
            settings.map(|(own, theirs, mtu)| Self { role, own, theirs, mtu })
        })
    }
}

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (client, server) = match self.role {
            Role::Client => (format!("our {}", self.own), self.theirs.to_string()),
            Role::Server => (self.theirs.to_string(), format!("our {}", self.own)),
        };
        write!(f, "{client} calls {server}, datagrams of {}", self.mtu)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ecdsa => "ECDSA",
            Self::Rsa => "RSA",
        })
    }
}

/// Runs one case with `peer`; the folder `target` is ours to fill. What was agreed on, if all went
/// well.
pub(crate) fn run(
    case: Handshake,
    peer: Peer,
    target: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    let folder = target.join("handshake");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    if peer == Peer::Gnutls {
        setup::program(&["gnutls-cli"], "gnutls-bin")?;
    }
    let own = certificate(&folder, "own", case.own)?;
    let theirs = certificate(&folder, "theirs", case.theirs)?;
    let expected = read(&theirs)?.fingerprint(HashFunction::Sha256);
    let profile = program::profile(peer);
    let config = Config {
        mtu: case.mtu,
        retransmit_initial: Duration::from_millis(200),
        srtp_profiles: Arc::new([profile]),
        ..Config::new(Arc::new(read(&own)?))
    };
    let mut end = End::new(&config, case.role, expected)?;
    let mut program = Program::start(peer, case.role.opposite(), end.port, &theirs, profile)?;
    let started = Instant::now();
    let mut said = false;
    while !(end.received.contains(program.says())
        && program.heard(OURS)
        && has_keys(&end, &program))
    {
        if let Some(reason) = end.closed() {
            bail!("ended: {reason}; {}", program.last());
        }
        let late = started.elapsed() >= limit;
        ensure!(!late, "not done after {} s: {}", limit.as_secs(), program.last());
        if !said && end.is_connected() {
            end.say(&format!("{OURS}\n"))?;
            program.say(THEIRS)?;
            said = true;
        }
        end.turn()?;
    }
    let agreed = end.agreed.clone().unwrap_or_default();
    compare(&end, &program)?;
    end.close()?;
    Ok(format!("{agreed}, {profile}"))
}

/// Whether the other side has told its keys, if it does.
fn has_keys(end: &End, program: &Program) -> bool {
    end.is_connected() && (program.keys().is_some() || !program.tells_keys())
}

fn compare(end: &End, program: &Program) -> anyhow::Result<()> {
    let Some(theirs) = program.keys() else { return Ok(()) };
    let ours = end.keys().context("no SRTP was agreed on")?;
    ensure!(ours == theirs, "the keys differ: ours are {ours}, theirs {theirs}");
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Certificate> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Certificate::from_pem(&text).with_context(|| format!("in {}", path.display()))
}

/// A certificate and its key in one file, made if it is not there.
fn certificate(folder: &Path, whose: &str, key: Key) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("{whose}-{key}.pem"));
    if path.exists() {
        return Ok(path);
    }
    setup::program(&["openssl"], "openssl")?;
    let kind: &[&str] = match key {
        Key::Ecdsa => &["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        Key::Rsa => &["rsa:2048"],
    };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-subj", "/CN=WebRTC", "-days", "3650", "-newkey"])
        .args(kind)
        .args(["-keyout", "/dev/stdout", "-out", "/dev/stdout"])
        .output()
        .context("starting openssl")?;
    ensure!(made.status.success(), "openssl made no certificate");
    fs::write(&path, made.stdout).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}
