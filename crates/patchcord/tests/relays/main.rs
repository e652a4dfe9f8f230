//! Stories of calls through relays and over TCP, on the loopback interface. Apart from the others,
//! so that what is still on its way to an address that was given up reaches none of theirs.
#![cfg(test)]

mod dtls;
mod dtls_server;
mod half_open;
mod proxies;
mod relay;
#[path = "../stories/support.rs"]
#[expect(dead_code, reason = "the other stories need more of it")]
mod support;
mod tcp;
mod turn_server;
