//! DTLS.

extern crate alloc;

mod alert;
mod backend;
mod certificate;
mod config;
mod connection;
mod crypto;
mod discard;
mod event;
mod fingerprint;
mod keying_material;
mod srtp_profile;
mod suite;
mod version;
mod wire;

pub use alert::Alert;
pub use certificate::{Certificate, CertificateError, Validity};
pub use config::{Config, ConfigError, Role, Versions};
pub use connection::Connection;
pub use crypto::{Crypto, Ring};
pub use discard::{Counters, Discard, SealError};
pub use event::{CloseReason, Event, State};
pub use fingerprint::{Fingerprint, FingerprintError, HashFunction};
pub use keying_material::{KeyingMaterial, MasterKey};
pub use srtp_profile::SrtpProfile;
pub use suite::CipherSuite;
pub use version::ProtocolVersion;
