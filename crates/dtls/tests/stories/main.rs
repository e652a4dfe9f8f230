//! Stories of two connections in virtual time, told through the public interface.

mod closing;
mod handshake;
mod hello;
mod hostile;
mod identity;
mod links;
mod records;
#[cfg(test)]
mod support;
