//! The little of the wire format that this side of the seam reads.

mod record;
mod server_hello;

pub(crate) use record::{Epoch, Kind, RecordHeader, plaintext_alert};
pub(crate) use server_hello::SuiteFinder;
