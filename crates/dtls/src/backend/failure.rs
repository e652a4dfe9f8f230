//! The library's errors, sorted by what follows from them.

use dimpl::{CryptoError, CryptoOperation, Error, SecurityError, UnexpectedMessageError};

use crate::Alert;

/// What a failed call means for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// This input was not used; the connection goes on. The library calls each error fatal, but
    /// these leave its state as it was, and an attacker could provoke them.
    Harmless,
    /// A record that did not decrypt.
    Forged,
    /// The other side sent a fatal alert.
    Alert(Alert),
    /// The other side's fault, to be told with this alert.
    Fault(Alert),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            // A server's first answer that is none; a queue that is full of records out of order.
            Error::UnexpectedMessage(UnexpectedMessageError::UnrecognizedAutoServerResponse)
            | Error::ReceiveQueueFull
            | Error::TransmitQueueFull
            | Error::ConnectionClosed
            // Time is up when we say so.
            | Error::Timeout(_) => Self::Harmless,
            Error::CryptoError(
                CryptoError::OperationFailed(CryptoOperation::Decrypt)
                | CryptoError::CiphertextTooShort { .. },
            ) => Self::Forged,
            Error::SecurityError(SecurityError::FatalAlert { description }) => {
                Self::Alert(Alert(description))
            }
            other => Self::Fault(alert_for(&other)),
        }
    }
}

/// The alert that RFC 8446 §6.2 has for a fault.
fn alert_for(error: &Error) -> Alert {
    match error {
        Error::UnexpectedMessage(_) => Alert::UNEXPECTED_MESSAGE,
        Error::IncompleteServerHello | Error::TooManyClientHelloFragments => Alert::DECODE_ERROR,
        Error::RenegotiationAttempt => Alert::NO_RENEGOTIATION,
        Error::CertificateError(error) => certificate(error),
        Error::SecurityError(error) => security(error),
        Error::CryptoError(error) => crypto(error),
        _ => Alert::INTERNAL_ERROR,
    }
}

fn certificate(error: &dimpl::CertificateError) -> Alert {
    use dimpl::CertificateError as E;
    match error {
        E::NoClientCertificateReceived => Alert::CERTIFICATE_REQUIRED,
        E::UnsupportedEcCurve => Alert::UNSUPPORTED_CERTIFICATE,
        _ => Alert::BAD_CERTIFICATE,
    }
}

fn security(error: &SecurityError) -> Alert {
    use SecurityError as E;
    match error {
        E::UnsupportedHelloVerifyRequestVersion(_)
        | E::UnsupportedServerVersion(_)
        | E::UnsupportedClientVersion(_)
        | E::ClientHelloMissingDtls13SupportedVersions
        | E::HrrDidNotSelectDtls13
        | E::ServerDidNotNegotiateDtls13 => Alert::PROTOCOL_VERSION,
        E::ExtendedMasterSecretNotNegotiated
        | E::NoMutuallyAcceptableCipherSuite
        | E::NoCommonCipherSuite
        | E::NoCommonKeyExchangeGroup => Alert::HANDSHAKE_FAILURE,
        E::ServerFinishedVerificationFailed | E::ClientFinishedVerificationFailed => {
            Alert::DECRYPT_ERROR
        }
        E::UnexpectedSecondHelloRetryRequest | E::CannotSendSecondHelloRetryRequest => {
            Alert::UNEXPECTED_MESSAGE
        }
        _ => Alert::ILLEGAL_PARAMETER,
    }
}

fn crypto(error: &CryptoError) -> Alert {
    use CryptoError as E;
    match error {
        E::SignatureVerificationFailed { .. } | E::InvalidSignatureFormat => Alert::DECRYPT_ERROR,
        E::UnsupportedSignatureVerification { .. }
        | E::UnsupportedPublicKeyAlgorithm
        | E::UnsupportedEcCurve => Alert::UNSUPPORTED_CERTIFICATE,
        E::CertificateParseFailed
        | E::MissingEcCurveParameter
        | E::InvalidEcCurveParameter
        | E::InvalidSubjectPublicKey => Alert::BAD_CERTIFICATE,
        E::SignatureAlgorithmMismatch { .. }
        | E::InvalidPublicKey(_)
        | E::UnsupportedKeyExchangeGroup(_)
        | E::UnsupportedEcdheNamedGroup(_)
        | E::KeyExchangeGroupNotFound(_) => Alert::ILLEGAL_PARAMETER,
        E::SignatureAlgorithmNotOfferedByClient
        | E::UnsupportedCipherSuite(_)
        | E::NoSupportedKeyExchangeGroups => Alert::HANDSHAKE_FAILURE,
        _ => Alert::INTERNAL_ERROR,
    }
}
