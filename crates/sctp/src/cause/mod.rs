//! The error causes of ABORT and ERROR, RFC 9260 §3.3.10.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

mod any;
mod cookie_while_shutting_down;
mod invalid_mandatory_parameter;
mod invalid_stream;
mod missing_parameter;
mod no_user_data;
mod out_of_resource;
mod protocol_violation;
mod restart_with_new_addresses;
mod stale_cookie;
mod unknown;
mod unrecognized_chunk;
mod unrecognized_parameters;
mod unresolvable_address;
mod user_abort;

pub use any::{Cause, Causes};
pub use cookie_while_shutting_down::CookieWhileShuttingDown;
pub use invalid_mandatory_parameter::InvalidMandatoryParameter;
pub use invalid_stream::InvalidStream;
pub use missing_parameter::MissingParameter;
pub use no_user_data::NoUserData;
pub use out_of_resource::OutOfResource;
pub use protocol_violation::ProtocolViolation;
pub use restart_with_new_addresses::RestartWithNewAddresses;
pub use stale_cookie::StaleCookie;
pub use unknown::UnknownCause;
pub use unrecognized_chunk::UnrecognizedChunk;
pub use unrecognized_parameters::UnrecognizedParameters;
pub use unresolvable_address::UnresolvableAddress;
pub use user_abort::UserAbort;
