//! The wire format: records, handshake messages, extensions.
//!
//! | folder or file | what |
//! |---|---|
//! | `reader`, `writer` | numbers and vectors of the presentation language (RFC 8446 §3) |
//! | `record` | record headers |
//! | `fragment` | the header of a handshake fragment |
//! | `message` | the handshake messages, a file each |
//! | `extension` | the extensions, a file each |
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

pub(crate) mod extension;
mod fragment;
pub(crate) mod message;
mod reader;
mod record;
pub(crate) mod writer;

pub(crate) use extension::Extensions;
pub(crate) use fragment::{Fragment, MessageKind};
pub(crate) use reader::{Numbers, ParseError, Reader};
pub(crate) use record::{
    ContentType, DTLS_10, Epoch, HEADER_12, HEADER_13, RecordHeader, header_12, header_13,
    header_of,
};
