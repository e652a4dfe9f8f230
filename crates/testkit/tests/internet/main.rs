//! The simulated internet: what NATs, firewalls and wires do, one kind a file.
#![cfg(test)]

mod firewalls;
mod nats;
mod streams;
mod talker;
