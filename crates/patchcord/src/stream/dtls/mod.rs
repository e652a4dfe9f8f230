//! Datagrams over DTLS on a UDP socket, RFC 7350, to servers that are known by name.
//!
//! | file | what |
//! |---|---|
//! | `handshake` | [`connect`]: until the server has shown who it is |
//! | `records` | [`Dtls`]: datagrams in both directions, each in a record |

mod handshake;
mod records;

pub(super) use handshake::connect;
pub(super) use records::Dtls;
