//! Stories of two connections in virtual time, told through the public interface.
#![cfg(test)]

mod closing;
mod handshake;
mod hello;
mod hostile;
mod identity;
mod links;
mod records;
mod support;
