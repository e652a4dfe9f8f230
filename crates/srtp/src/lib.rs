//! SRTP and SRTCP: protection of media packets, in place, and the derivation of its keys.
//! **Nothing of it is written yet:** this page says what will stand here.
//!
//! - [ ] RFC 3711 SRTP and SRTCP: AES-128 in counter mode with HMAC-SHA1-80 and -32, key
//!   derivation, replay protection
//! - [ ] RFC 7714 AES-128-GCM and AES-256-GCM
//! - [ ] RFC 6188 AES-256 in counter mode
//! - [ ] RFC 5764 §4.1.2 the protection profiles of DTLS-SRTP
//! - [ ] RFC 6904 encrypted header extensions
//! - [ ] RFC 9335 completely encrypted header extensions and CSRCs (Cryptex)
//!
//! # Its shape
//!
//! Transforms, no machine: one key object per direction, made from the keying material that DTLS
//! exports. `protect` works on a packet at the end of the caller's buffer and appends the tag;
//! `unprotect` works in the received buffer and returns the part that is the packet. Neither
//! allocates. Each stream has a rollover counter and a replay window; the number of streams is
//! bounded by `Config`. The examples of RFC 3711 appendix B and RFC 7714 will be its first tests.
//!
//! It reads packets with `patchcord-rtp`, and knows no other protocol.
