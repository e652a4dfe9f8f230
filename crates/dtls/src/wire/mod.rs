//! The little of the wire format that this side of the seam reads.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod record;
mod server_hello;

pub(crate) use record::{Epoch, Kind, RecordHeader, plaintext_alert};
pub(crate) use server_hello::SuiteFinder;
