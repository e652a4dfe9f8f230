//! Handshake messages, without the header that fragments have.

mod ack;
mod certificate12;
mod certificate13;
mod certificate_request12;
mod certificate_request13;
mod certificate_verify;
mod client_hello;
mod client_key_exchange;
mod encrypted_extensions;
mod hello_verify_request;
mod key_update;
mod server_hello;
mod server_key_exchange;

pub(crate) use ack::{Ack, RecordNumber};
pub(crate) use certificate_request12::CertificateRequest12;
pub(crate) use certificate_request13::CertificateRequest13;
pub(crate) use certificate_verify::CertificateVerify;
pub(crate) use certificate12::Certificate12;
pub(crate) use certificate13::Certificate13;
pub(crate) use client_hello::ClientHello;
pub(crate) use client_key_exchange::ClientKeyExchange;
pub(crate) use encrypted_extensions::EncryptedExtensions;
pub(crate) use hello_verify_request::HelloVerifyRequest;
pub(crate) use key_update::KeyUpdate;
pub(crate) use server_hello::{RETRY, ServerHello};
pub(crate) use server_key_exchange::ServerKeyExchange;

#[cfg(test)]
mod tests;
