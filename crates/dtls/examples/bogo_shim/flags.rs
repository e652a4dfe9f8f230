//! What the runner asks for, on the command line.

use std::sync::Arc;
use std::time::Duration;

use patchcord_dtls::{
    Certificate, ClientAuthentication, Config, Crypto, Fingerprint, HashFunction, NamedGroup, Ring,
    Role, SignatureScheme, SrtpProfile, Versions,
};
use testkit::Altered;

use crate::Stop;

/// What does not concern a machine without sockets, callbacks and sessions: these change how the
/// runner's own shim calls its library, not what is said on the wire; or they demand what is always
/// so here.
const IGNORED: &[&str] = &[
    "-ipv6",
    "-dtls",
    "-async",
    "-implicit-handshake",
    "-handoff",
    "-no-tls1",
    "-no-tls11",
    "-no-ticket",
    "-use-custom-verify-callback",
    "-use-early-callback",
    "-use-old-client-cert-callback",
    "-expect-no-session-id",
    "-expect-no-session",
    "-expect-session-miss",
    "-expect-no-secure-renegotiation",
    "-expect-extended-master-secret",
    "-expect-verify-result",
    "-check-close-notify",
    "-permute-extensions",
    "-no-op-extra-handshake",
    "-forbid-renegotiation-after-handshake",
];
/// The same, with a value.
const IGNORED_WITH_VALUE: &[&str] = &["-trust-cert"];

const DTLS_12: u16 = 0xFEFD;
const DTLS_13: u16 = 0xFEFC;

/// A test.
#[derive(Debug)]
pub(crate) struct Flags {
    pub(crate) port: u16,
    pub(crate) shim: u64,
    pub(crate) role: Role,
    pub(crate) config: Config,
    pub(crate) fingerprints: Vec<Fingerprint>,
    pub(crate) writes_first: bool,
    pub(crate) shuts_down: bool,
    pub(crate) updates_keys: bool,
    pub(crate) export: Option<Export>,
    /// Whether a HelloRetryRequest must come, or must not.
    pub(crate) retry: Option<bool>,
    pub(crate) protocol: Option<String>,
}

/// Keys for others that the runner wants to see.
#[derive(Debug, Default)]
pub(crate) struct Export {
    pub(crate) len: usize,
    pub(crate) label: String,
    pub(crate) context: String,
    pub(crate) with_context: bool,
}

/// The command line, before it is put together.
#[derive(Default)]
struct Words {
    port: Option<u16>,
    shim: u64,
    server: bool,
    files: [Option<String>; 2],
    limits: [u16; 2],
    without: [bool; 2],
    groups: Vec<NamedGroup>,
    verified: Vec<SignatureScheme>,
    mtu: Option<usize>,
    initial: Option<u64>,
    verify: bool,
    verify_fails: bool,
    srtp: Vec<SrtpProfile>,
    protocols: Vec<Box<[u8]>>,
    expected_protocol: Option<String>,
    writes_first: bool,
    shuts_down: bool,
    updates_keys: bool,
    export: Export,
    retry: Option<bool>,
}

impl Flags {
    pub(crate) fn parse(args: &[String]) -> Result<Self, Stop> {
        let mut words = Words::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let name = arg.strip_prefix("-on-initial").unwrap_or(arg);
            if IGNORED.contains(&name) || words.switch(name) {
                continue;
            }
            let value = args.next();
            let known = value.is_some() && IGNORED_WITH_VALUE.contains(&name);
            match value {
                _ if known => {}
                Some(value) if words.value(name, value)? => {}
                _ => return Err(Stop::Unimplemented(arg.clone())),
            }
        }
        words.finish()
    }
}

impl Words {
    /// Takes a flag that has no value, if it is one.
    fn switch(&mut self, name: &str) -> bool {
        match name {
            "-server" => self.server = true,
            "-verify-peer" | "-require-any-client-certificate" => self.verify = true,
            "-verify-fail" => self.verify_fails = true,
            "-no-tls12" => self.without[0] = true,
            "-no-tls13" => self.without[1] = true,
            "-shim-writes-first" => self.writes_first = true,
            "-shim-shuts-down" => self.shuts_down = true,
            "-key-update-before-read" => self.updates_keys = true,
            "-use-export-context" => self.export.with_context = true,
            "-expect-hrr" => self.retry = Some(true),
            "-expect-no-hrr" => self.retry = Some(false),
            _ => return false,
        }
        true
    }

    /// Takes a flag with its value, if it is one.
    fn value(&mut self, name: &str, value: &str) -> Result<bool, Stop> {
        match name {
            "-port" => self.port = Some(value.parse()?),
            "-shim-id" => self.shim = value.parse()?,
            "-cert-file" => self.files[0] = Some(value.to_owned()),
            "-key-file" => self.files[1] = Some(value.to_owned()),
            "-min-version" => self.limits[0] = value.parse()?,
            "-max-version" => self.limits[1] = value.parse()?,
            "-curves" => self.groups.push(NamedGroup(value.parse()?)),
            "-verify-prefs" => self.verified.push(SignatureScheme(value.parse()?)),
            "-mtu" => self.mtu = Some(value.parse()?),
            "-initial-timeout-duration-ms" => self.initial = Some(value.parse()?),
            "-export-keying-material" => self.export.len = value.parse()?,
            "-export-label" => value.clone_into(&mut self.export.label),
            "-export-context" => value.clone_into(&mut self.export.context),
            "-advertise-alpn" => self.protocols = names(value.as_bytes()),
            "-select-alpn" => self.protocols = vec![value.as_bytes().into()],
            "-expect-alpn" => self.expected_protocol = Some(value.to_owned()),
            "-srtp-profiles" => self.srtp = profiles(value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self) -> Result<Flags, Stop> {
        let role = if self.server { Role::Server } else { Role::Client };
        let mut config = Config::new(Arc::new(self.certificate()?));
        config.versions = self.versions()?;
        config.srtp_profiles = self.srtp.clone().into();
        config.application_protocols = self.protocols.clone().into();
        // The runner knows no such end: far away.
        config.handshake_timeout = Duration::from_secs(300 * 86_400);
        config.retransmit_initial = Duration::from_millis(self.initial.unwrap_or(400));
        if let Some(mtu) = self.mtu {
            config.mtu = mtu;
        }
        if !self.verify && role == Role::Server {
            config.client_authentication = ClientAuthentication::NotRequested;
        }
        let groups = if self.groups.is_empty() { Ring.groups().to_vec() } else { self.groups };
        if let Some(other) = groups.iter().find(|group| !Ring.groups().contains(group)) {
            return Err(Stop::Unimplemented(format!("the group {other}")));
        }
        config.groups = groups.into();
        if let Some(other) =
            self.verified.iter().find(|one| !Ring.signature_schemes().contains(one))
        {
            return Err(Stop::Unimplemented(format!("the scheme {other}")));
        }
        let mut crypto = Altered::default().without_fingerprints();
        if !self.verified.is_empty() {
            // The shim does not live long.
            crypto = crypto.with_signature_schemes(self.verified.leak());
        }
        config.crypto = Arc::new(crypto);
        // Every certificate hashes to zeros.
        let digest = if self.verify_fails { [1; 32] } else { [0; 32] };
        Ok(Flags {
            port: self.port.ok_or(Stop::Failed("no port".into()))?,
            shim: self.shim,
            role,
            config,
            fingerprints: vec![Fingerprint::new(HashFunction::Sha256, &digest)?],
            writes_first: self.writes_first,
            shuts_down: self.shuts_down,
            updates_keys: self.updates_keys,
            export: Some(self.export).filter(|export| export.len > 0),
            retry: self.retry,
            protocol: self.expected_protocol,
        })
    }

    /// The certificate of the test, or one of our own.
    fn certificate(&self) -> Result<Certificate, Stop> {
        let [Some(certificate), Some(key)] = &self.files else {
            return Ok(Certificate::generate()?);
        };
        let text = [std::fs::read_to_string(certificate)?, std::fs::read_to_string(key)?].concat();
        Certificate::from_pem(&text).map_err(|error| Stop::Unimplemented(error.to_string()))
    }

    fn versions(&self) -> Result<Versions, Stop> {
        let [least, most] = self.limits;
        // Versions count downwards.
        let may = |version: u16| (least == 0 || version <= least) && (most == 0 || version >= most);
        let [without_12, without_13] = self.without;
        match (may(DTLS_12) && !without_12, may(DTLS_13) && !without_13) {
            (true, true) => Ok(Versions::Both),
            (true, false) => Ok(Versions::Dtls12),
            (false, true) => Ok(Versions::Dtls13),
            (false, false) => Err(Stop::Unimplemented("DTLS 1.0".into())),
        }
    }
}

/// A list with the length before each name, as on the wire.
fn names(mut list: &[u8]) -> Vec<Box<[u8]>> {
    let mut names = Vec::new();
    while let Some((len, rest)) = list.split_first() {
        let Some((name, rest)) = rest.split_at_checked(usize::from(*len)) else { break };
        names.push(name.into());
        list = rest;
    }
    names
}

fn profiles(list: &str) -> Vec<SrtpProfile> {
    let all =
        [SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm, SrtpProfile::Aes128CmSha1_80];
    let known = |name: &str| {
        // OpenSSL has a name of its own for one of them.
        all.into_iter().find(|one| one.name().replace("_HMAC", "") == name)
    };
    list.split(':').filter_map(known).collect()
}
