//! Stories through the public interface, over the loopback interface.
#![cfg(test)]

mod addresses;
mod closing;
mod crowd;
mod echo;
mod lite;
mod media;
mod names;
mod strangers;
mod stun;
mod support;
mod transfer;
