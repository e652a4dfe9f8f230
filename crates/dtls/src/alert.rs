//! Alerts, by number and name.

use core::fmt;

/// The TLS alert registry, as far as DTLS 1.2 and 1.3 use it.
const ALERTS: [(u8, &str); 27] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (22, "record_overflow"),
    (40, "handshake_failure"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (52, "too_many_cids_requested"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (112, "unrecognized_name"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
];

/// The description of an alert (RFC 8446 §6, RFC 5246 §7.2): the words in which either side says
/// why a connection ended. [`Display`](fmt::Display) gives its registry name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

impl Alert {
    /// The connection ends in good order.
    pub const CLOSE_NOTIFY: Self = Self(0);
    /// A message at a time when it makes no sense.
    pub const UNEXPECTED_MESSAGE: Self = Self(10);
    /// No parameters that both sides accept.
    pub const HANDSHAKE_FAILURE: Self = Self(40);
    /// A certificate that is broken, or is not the one that was announced.
    pub const BAD_CERTIFICATE: Self = Self(42);
    /// A certificate of a kind that is not supported.
    pub const UNSUPPORTED_CERTIFICATE: Self = Self(43);
    /// A field whose value breaks a rule.
    pub const ILLEGAL_PARAMETER: Self = Self(47);
    /// A message that cannot be parsed.
    pub const DECODE_ERROR: Self = Self(50);
    /// A signature or a Finished message that does not verify.
    pub const DECRYPT_ERROR: Self = Self(51);
    /// No version that both sides speak.
    pub const PROTOCOL_VERSION: Self = Self(70);
    /// A fault of the side that says so.
    pub const INTERNAL_ERROR: Self = Self(80);
    /// An extension that must be there is not.
    pub const MISSING_EXTENSION: Self = Self(109);
    /// An answer to an extension that was not offered.
    pub const UNSUPPORTED_EXTENSION: Self = Self(110);
    /// A new handshake inside a connection.
    pub const NO_RENEGOTIATION: Self = Self(100);
    /// None of the application protocols that the client offers.
    pub const NO_APPLICATION_PROTOCOL: Self = Self(120);
    /// The client must present a certificate, and did not.
    pub const CERTIFICATE_REQUIRED: Self = Self(116);

    /// What a record of it says: `close_notify` and `no_renegotiation` are warnings, all others
    /// fatal (RFC 5246 §7.2).
    pub(crate) fn body(self) -> [u8; 2] {
        match self {
            Self::CLOSE_NOTIFY | Self::NO_RENEGOTIATION => [1, self.0],
            _ => [2, self.0],
        }
    }

    /// The registry's name; `None` for a number outside of it.
    pub fn name(self) -> Option<&'static str> {
        ALERTS.iter().find(|row| row.0 == self.0).map(|row| row.1)
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.0),
        }
    }
}
