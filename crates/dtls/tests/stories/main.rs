//! Stories of two connections in virtual time, told through the public interface.

mod handshake;
#[cfg(test)]
mod support;
