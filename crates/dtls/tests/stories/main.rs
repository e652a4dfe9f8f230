//! Stories of two connections in virtual time, told through the public interface.
#![cfg(test)]

mod closing;
mod flights;
mod handshake;
mod hello;
mod hostile;
mod identity;
mod judged;
mod links;
mod other;
mod overtaking;
mod records;
mod replay;
mod schedules;
mod secrets;
mod suites;
mod support;
mod terms;
mod timers;
mod updates;
