//! TURN: a client that asks a relay for an address of its own and exchanges datagrams through it,
//! and the relay. **Nothing of it is written yet:** this page says what will stand here.
//!
//! - [ ] RFC 8656 TURN: allocations, refreshes, permissions, channels, IPv6, EVEN-PORT,
//!   RESERVATION-TOKEN, DONT-FRAGMENT
//! - [ ] RFC 8489 §9.2 long-term credentials; time-limited ones (draft-uberti-behave-turn-rest)
//! - [ ] RFC 6062 relaying TCP
//! - [ ] RFC 7350 and RFC 8656 §2.1: TCP, TLS and DTLS to the server
//! - [ ] RFC 8016 mobility
//! - [ ] RFC 8155 discovery, RFC 7065 URIs
//! - [ ] RFC 7635 third-party authorization
//!
//! # Its shape
//!
//! Two machines of `patchcord-sansio`, whose datagrams travel on its `Path`s, and one
//! transform:
//!
//! * `Client`: one allocation, on a 5-tuple of its own, since that is what a server knows it by.
//!   It allocates, refreshes, installs permissions and binds channels. Its requests keep the
//!   schedule of `stun::Transaction`, and its attributes implement `stun::Attribute` here, one
//!   file each, with no change to `patchcord-stun`.
//! * `Server`: allocations keyed by 5-tuple, in tables whose bounds stand in `Config`. It asks its
//!   shell for relay sockets by an event, and is told when they are bound.
//! * ChannelData (RFC 8656 §12.4): four bytes put in front of a payload, or taken off, in the
//!   caller's buffer.
//!
//! `patchcord-ice` is its only user below the applications: a relayed candidate is a `Client`.
