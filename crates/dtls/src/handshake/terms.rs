//! What the two agree on besides keys: `server_name`, `use_srtp`, ALPN, `record_size_limit`. The
//! client offers, the server answers, in ServerHello or in EncryptedExtensions.

use alloc::boxed::Box;

use crate::wire::Extensions;
use crate::wire::extension::{self, ProtocolNames, RecordSizeLimit, ServerName, UseSrtp};
use crate::{Alert, CloseReason, Config, ProtocolVersion, SrtpProfile};

use super::context::fault;

/// The extensions in which it is said.
pub(super) const EXTENSIONS: [u16; 4] =
    [extension::SERVER_NAME, extension::USE_SRTP, extension::ALPN, extension::RECORD_SIZE_LIMIT];

/// What was agreed on.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) srtp: Option<SrtpProfile>,
    /// The application protocol.
    pub(super) protocol: Option<Box<[u8]>>,
    /// The other side's, as it said it.
    pub(super) record_limit: Option<u16>,
}

impl Terms {
    /// Appends what a client offers.
    pub(super) fn offer(config: &Config, out: &mut Vec<u8>) {
        if let Some(name) = &config.server_name {
            extension::put(out, extension::SERVER_NAME, |out| ServerName::write(name, out));
        }
        if !config.srtp_profiles.is_empty() {
            extension::put(out, extension::USE_SRTP, |out| {
                UseSrtp::write(&config.srtp_profiles, out);
            });
        }
        if !config.application_protocols.is_empty() {
            let names = config.application_protocols.iter().map(|name| &**name);
            extension::put(out, extension::ALPN, |out| ProtocolNames::write(names, out));
        }
        let newest = config.versions.list().first().copied().unwrap_or(ProtocolVersion::Dtls12);
        put_limit(config, newest, out);
    }

    /// What a server takes of a client's offers.
    pub(super) fn choose(config: &Config, offered: Extensions<'_>) -> Result<Self, CloseReason> {
        let srtp = offered.read(extension::USE_SRTP, UseSrtp::parse)?;
        let names = offered.read(extension::ALPN, ProtocolNames::parse)?;
        let names = names.filter(|_| !config.application_protocols.is_empty());
        let protocol = match names.map(|names| names.choose(&config.application_protocols)) {
            Some(None) => return Err(fault(Alert::NO_APPLICATION_PROTOCOL)),
            Some(Some(name)) => Some(name.into()),
            None => None,
        };
        let limit = offered.read(extension::RECORD_SIZE_LIMIT, RecordSizeLimit::parse)?;
        Ok(Self {
            srtp: srtp.and_then(|srtp| srtp.choose(&config.srtp_profiles)),
            protocol,
            record_limit: limit.map(|limit| limit.0),
        })
    }

    /// Appends what a server answers: only to what was offered.
    pub(super) fn answer(&self, config: &Config, version: ProtocolVersion, out: &mut Vec<u8>) {
        if let Some(profile) = self.srtp {
            extension::put(out, extension::USE_SRTP, |out| UseSrtp::write(&[profile], out));
        }
        if let Some(name) = &self.protocol {
            extension::put(out, extension::ALPN, |out| ProtocolNames::write([&**name], out));
        }
        if self.record_limit.is_some() {
            put_limit(config, version, out);
        }
    }

    /// What a client reads in a server's answer.
    pub(super) fn read(config: &Config, answered: Extensions<'_>) -> Result<Self, CloseReason> {
        // RFC 6066 §3: an answer without content, and none to what was not asked.
        match answered.find(extension::SERVER_NAME) {
            Some(_) if config.server_name.is_none() => {
                return Err(fault(Alert::UNSUPPORTED_EXTENSION));
            }
            Some([_, ..]) => return Err(fault(Alert::DECODE_ERROR)),
            Some([]) | None => {}
        }
        let srtp = match answered.read(extension::USE_SRTP, UseSrtp::parse)? {
            Some(srtp) => Some(srtp.chosen(&config.srtp_profiles)?),
            None => None,
        };
        let protocol = match answered.read(extension::ALPN, ProtocolNames::parse)? {
            Some(names) => Some(names.chosen(&config.application_protocols)?.into()),
            None => None,
        };
        let limit = answered.read(extension::RECORD_SIZE_LIMIT, RecordSizeLimit::parse)?;
        Ok(Self { srtp, protocol, record_limit: limit.map(|limit| limit.0) })
    }
}

/// RFC 8449 §4: all that a record holds, in DTLS 1.3 with the content type.
fn put_limit(config: &Config, version: ProtocolVersion, out: &mut Vec<u8>) {
    let limit = u16::try_from(config.record_size_limit).unwrap_or(u16::MAX);
    let limit = RecordSizeLimit(match version {
        ProtocolVersion::Dtls12 => limit,
        ProtocolVersion::Dtls13 => limit.saturating_add(1),
    });
    extension::put(out, extension::RECORD_SIZE_LIMIT, |out| limit.write(out));
}
