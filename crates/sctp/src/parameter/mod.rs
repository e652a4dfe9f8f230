//! The parameters of INIT, INIT ACK, HEARTBEAT and RE-CONFIG: RFC 9260 §3.3, RFC 3758 §3.1, RFC
//! 5061 §4.2.7, RFC 6525 §4, RFC 9653 §4.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

mod add_streams;
mod any;
mod cookie_preservative;
mod forward_tsn_supported;
mod heartbeat_info;
mod host_name;
mod incoming_ssn_reset;
mod ip_address;
mod outgoing_ssn_reset;
mod response;
mod ssn_tsn_reset;
mod state_cookie;
mod stream_list;
mod supported_address_types;
mod supported_extensions;
mod unknown;
mod unrecognized;
mod zero_checksum;

pub use add_streams::{AddIncomingStreams, AddOutgoingStreams};
pub use any::{Parameter, Parameters};
pub use cookie_preservative::CookiePreservative;
pub use forward_tsn_supported::ForwardTsnSupported;
pub use heartbeat_info::HeartbeatInfo;
pub use host_name::HostNameAddress;
pub use incoming_ssn_reset::IncomingSsnReset;
pub use ip_address::{Ipv4Address, Ipv6Address};
pub use outgoing_ssn_reset::OutgoingSsnReset;
pub use response::{ReConfigResponse, ReConfigResult};
pub use ssn_tsn_reset::SsnTsnReset;
pub use state_cookie::StateCookie;
pub use stream_list::StreamList;
pub use supported_address_types::SupportedAddressTypes;
pub use supported_extensions::SupportedExtensions;
pub use unknown::UnknownParameter;
pub use unrecognized::UnrecognizedParameter;
pub use zero_checksum::ZeroChecksumAcceptable;
