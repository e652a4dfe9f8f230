//! An association against libwebrtc's implementation, the crate dcsctp, in virtual time: what both
//! can is agreed on, used, and every message arrives as it was sent.
#![cfg(test)]

mod connect;
mod end;
mod interleave;
mod partial;
mod reset;
mod socket;
mod support;
mod transfer;
mod zero_checksum;
