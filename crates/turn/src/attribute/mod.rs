//! The attributes of TURN, one file each.
//!
//! | attribute | value | defined in |
//! |---|---|---|
//! | [`AdditionalAddressFamily`] | family | RFC 8656 §18.11 |
//! | [`AddressErrorCode`] | family, code and reason | RFC 8656 §18.12 |
//! | [`ChannelNumber`] | number | RFC 8656 §18.1 |
//! | [`ConnectionId`] | number | RFC 6062 §6.2.1 |
//! | [`Data`] | bytes | RFC 8656 §18.4 |
//! | [`DontFragment`] | nothing | RFC 8656 §18.9 |
//! | [`EvenPort`] | flag | RFC 8656 §18.7 |
//! | [`Icmp`] | type, code, MTU | RFC 8656 §18.13 |
//! | [`Lifetime`] | seconds | RFC 8656 §18.2 |
//! | [`MobilityTicket`] | bytes | RFC 8016 §4.1 |
//! | [`RequestedAddressFamily`] | family | RFC 8656 §18.6 |
//! | [`RequestedTransport`] | protocol | RFC 8656 §18.8 |
//! | [`ReservationToken`] | 8 bytes | RFC 8656 §18.10 |
//! | [`XorPeerAddress`] | address | RFC 8656 §18.3 |
//! | [`XorRelayedAddress`] | address | RFC 8656 §18.5 |

mod additional_address_family;
mod address_error_code;
mod channel_number;
mod connection_id;
mod data;
mod dont_fragment;
mod even_port;
mod icmp;
mod lifetime;
mod mobility_ticket;
mod requested_address_family;
mod requested_transport;
mod reservation_token;
mod xor_peer_address;
mod xor_relayed_address;

#[cfg(test)]
mod tests;

pub use additional_address_family::AdditionalAddressFamily;
pub use address_error_code::AddressErrorCode;
pub use channel_number::ChannelNumber;
pub use connection_id::ConnectionId;
pub use data::Data;
pub use dont_fragment::DontFragment;
pub use even_port::EvenPort;
pub use icmp::Icmp;
pub use lifetime::Lifetime;
pub use mobility_ticket::MobilityTicket;
pub use requested_address_family::RequestedAddressFamily;
pub use requested_transport::RequestedTransport;
pub use reservation_token::ReservationToken;
pub use xor_peer_address::XorPeerAddress;
pub use xor_relayed_address::XorRelayedAddress;
