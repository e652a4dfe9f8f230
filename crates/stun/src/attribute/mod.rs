//! Attributes, one file each.
//!
//! A type that implements [`Attribute`] can be read with [`Message::get`](crate::Message::get) and
//! added with [`MessageBuilder::attribute`](crate::MessageBuilder::attribute), wherever it is
//! defined: `turn` brings its own. Those that nobody has typed pass through as [`RawAttribute`].
//!
//! | attribute | value | defined in |
//! |---|---|---|
//! | [`AlternateDomain`] | text | RFC 8489 §14.16 |
//! | [`AlternateServer`] | address | RFC 8489 §14.15 |
//! | [`ChangeRequest`] | two flags | RFC 5780 §7.2 |
//! | [`DtlsInStunAck`] | checksums | draft-hancke-webrtc-sped |
//! | [`DtlsInStunData`] | bytes | draft-hancke-webrtc-sped |
//! | [`ErrorCode`] | code and reason | RFC 8489 §14.8 |
//! | [`IceControlled`] | tie-breaker | RFC 8445 §16.1 |
//! | [`IceControlling`] | tie-breaker | RFC 8445 §16.1 |
//! | [`MappedAddress`] | address | RFC 8489 §14.1 |
//! | [`Nonce`] | bytes | RFC 8489 §14.10 |
//! | [`OtherAddress`] | address | RFC 5780 §7.4 |
//! | [`Padding`] | bytes that mean nothing | RFC 5780 §7.6 |
//! | [`PasswordAlgorithm`] | number and parameters | RFC 8489 §14.12 |
//! | [`PasswordAlgorithms`] | a list of those | RFC 8489 §14.11 |
//! | [`Nomination`] | number | draft-thatcher-ice-renomination |
//! | [`Priority`] | number | RFC 8445 §16.1 |
//! | [`Realm`] | text | RFC 8489 §14.9 |
//! | [`ResponseOrigin`] | address | RFC 5780 §7.3 |
//! | [`ResponsePort`] | number | RFC 5780 §7.5 |
//! | [`Software`] | text | RFC 8489 §14.14 |
//! | [`UnknownAttributes`] | attribute types | RFC 8489 §14.13 |
//! | [`UseCandidate`] | nothing | RFC 8445 §16.1 |
//! | [`Userhash`] | hash | RFC 8489 §14.4 |
//! | [`Username`] | text | RFC 8489 §14.3 |
//! | [`XorMappedAddress`] | address | RFC 8489 §14.2 |
//!
//! MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT depend on everything before them, so they are steps of the
//! builder and checks of the message instead.

pub mod address;
mod alternate_domain;
mod alternate_server;
mod change_request;
mod dtls_in_stun_ack;
mod dtls_in_stun_data;
mod error_code;
pub(crate) mod fingerprint;
pub mod fixed;
mod ice_controlled;
mod ice_controlling;
mod mapped_address;
pub(crate) mod message_integrity;
pub(crate) mod message_integrity_sha256;
mod nomination;
mod nonce;
mod other_address;
mod padding;
mod password_algorithm;
mod password_algorithms;
mod priority;
pub(crate) mod raw;
mod realm;
mod registry;
mod response_origin;
mod response_port;
mod software;
mod text;
mod unknown_attributes;
mod use_candidate;
mod userhash;
mod username;
mod xor_mapped_address;

#[cfg(test)]
mod tests;

pub use alternate_domain::AlternateDomain;
pub use alternate_server::AlternateServer;
pub use change_request::ChangeRequest;
pub use dtls_in_stun_ack::DtlsInStunAck;
pub use dtls_in_stun_data::DtlsInStunData;
pub use error_code::ErrorCode;
pub use ice_controlled::IceControlled;
pub use ice_controlling::IceControlling;
pub use mapped_address::MappedAddress;
pub use nomination::Nomination;
pub use nonce::Nonce;
pub use other_address::OtherAddress;
pub use padding::Padding;
pub use password_algorithm::PasswordAlgorithm;
pub use password_algorithms::PasswordAlgorithms;
pub use priority::Priority;
pub use raw::{Attributes, RawAttribute};
pub use realm::Realm;
pub use registry::AttributeType;
pub use response_origin::ResponseOrigin;
pub use response_port::ResponsePort;
pub use software::Software;
pub use unknown_attributes::UnknownAttributes;
pub use use_candidate::UseCandidate;
pub use userhash::Userhash;
pub use username::Username;
pub use xor_mapped_address::XorMappedAddress;

use crate::TransactionId;

/// An attribute with a type of its own.
pub trait Attribute<'a>: Sized {
    /// Its number.
    const TYPE: AttributeType;

    /// Reads the value, without padding. Some values are masked with the id of their message.
    ///
    /// # Errors
    ///
    /// The value breaks the rules of its RFC.
    fn parse(value: &'a [u8], id: &TransactionId) -> Result<Self, AttributeError>;

    /// Appends the value, without padding.
    fn write(&self, id: &TransactionId, out: &mut Vec<u8>);
}

/// Why a value is not one of its attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// The value has a length that it cannot have.
    #[error("{kind} of {had} bytes instead of {needed}")]
    Length {
        /// Which attribute.
        kind: AttributeType,
        /// The length it has by its RFC, in bytes.
        needed: usize,
        /// Its length in bytes.
        had: usize,
    },
    /// The value is longer than its RFC allows.
    #[error("{kind} of {had} bytes, more than {limit}")]
    TooLong {
        /// Which attribute.
        kind: AttributeType,
        /// The most it may have, in bytes.
        limit: usize,
        /// Its length in bytes.
        had: usize,
    },
    /// The text is not UTF-8.
    #[error("{kind} is no UTF-8 after {valid} bytes")]
    Text {
        /// Which attribute.
        kind: AttributeType,
        /// How many bytes at its beginning are.
        valid: usize,
    },
    /// The address is neither IPv4 (1) nor IPv6 (2).
    #[error("{kind} of the unknown address family {family}")]
    Family {
        /// Which attribute.
        kind: AttributeType,
        /// The number of the family.
        family: u8,
    },
    /// The number is not one that the attribute may have.
    #[error("{kind} cannot be {value:#x}")]
    Value {
        /// Which attribute.
        kind: AttributeType,
        /// The number.
        value: u32,
    },
    /// The error code is not between 300 and 699.
    #[error("error code {0} outside 300 to 699")]
    Code(u16),
}
