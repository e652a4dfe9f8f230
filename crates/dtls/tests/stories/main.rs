//! Stories of two connections in virtual time, told through the public interface.

mod handshake;
mod support;
