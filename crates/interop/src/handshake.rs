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
    /// What the other side is confined to.
    pub(crate) only: Option<Only>,
}

/// The one thing that a program is told to know, by our name and by its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    Suite(&'static str, &'static str),
    Group(&'static str, &'static str),
    /// For its own signatures; of ours it takes the usual one too.
    Signature(&'static str, &'static str),
}

/// What a certificate is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Ecdsa,
    Rsa,
}

/// What is tried one by one, with the key of the server, or for signatures that of the other side.
const EACH: [(Key, Only); 14] = [
    (
        Key::Ecdsa,
        Only::Suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ),
    (
        Key::Ecdsa,
        Only::Suite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ),
    (
        Key::Ecdsa,
        Only::Suite(
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
        ),
    ),
    (Key::Rsa, Only::Suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256")),
    (Key::Rsa, Only::Suite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384")),
    (
        Key::Rsa,
        Only::Suite("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
    ),
    (Key::Rsa, Only::Group("x25519", "X25519")),
    (Key::Rsa, Only::Group("secp256r1", "P-256")),
    (Key::Rsa, Only::Group("secp384r1", "P-384")),
    (Key::Ecdsa, Only::Signature("ecdsa_secp384r1_sha384", "ECDSA+SHA384")),
    (Key::Rsa, Only::Signature("rsa_pkcs1_sha384", "RSA+SHA384")),
    (Key::Rsa, Only::Signature("rsa_pkcs1_sha512", "RSA+SHA512")),
    (Key::Rsa, Only::Signature("rsa_pss_rsae_sha384", "rsa_pss_rsae_sha384")),
    (Key::Rsa, Only::Signature("rsa_pss_rsae_sha512", "rsa_pss_rsae_sha512")),
];

impl Handshake {
    /// Each suite, group and signature alone, in each role, with a program that can be told.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        [Role::Client, Role::Server].into_iter().flat_map(|role| {
            EACH.map(|(key, only)| {
                let (own, theirs) = match (only, role) {
                    // Before TLS 1.3 the groups are the curves of certificates, too (RFC 8422 §5.1).
                    (Only::Group(..), _) => (key, key),
                    (Only::Suite(..), Role::Server) => (key, Key::Ecdsa),
                    (Only::Suite(..), Role::Client) | (Only::Signature(..), _) => (Key::Ecdsa, key),
                };
                Self { role, own, theirs, mtu: 1184, only: Some(only) }
            })
        })
    }

    /// Each role with each kind of key on either side, and with small datagrams.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let settings = [
            (Key::Ecdsa, Key::Ecdsa, 1184),
            (Key::Ecdsa, Key::Rsa, 1184),
            (Key::Rsa, Key::Ecdsa, 1184),
            (Key::Rsa, Key::Rsa, 256),
        ];
        [Role::Client, Role::Server].into_iter().flat_map(move |role| {
            settings.map(|(own, theirs, mtu)| Self { role, own, theirs, mtu, only: None })
        })
    }
}

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (client, server) = match self.role {
            Role::Client => (format!("our {}", self.own), self.theirs.to_string()),
            Role::Server => (self.theirs.to_string(), format!("our {}", self.own)),
        };
        write!(f, "{client} calls {server}, ")?;
        match self.only {
            Some(only) => write!(f, "{only} alone"),
            None => write!(f, "datagrams of {}", self.mtu),
        }
    }
}

impl fmt::Display for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Suite(ours, _) | Self::Group(ours, _) | Self::Signature(ours, _)) = self;
        f.write_str(ours)
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
    let mut program = Program::start(peer, case, end.port, &theirs, profile)?;
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
    if let Some(only @ (Only::Suite(name, _) | Only::Group(name, _))) = case.only {
        ensure!(agreed.split(", ").any(|word| word == name), "{agreed} instead of {only}");
    }
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
