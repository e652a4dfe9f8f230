//! Agents in a simulated internet: behind NATs and firewalls, with STUN and TURN servers.
#![cfg(test)]

mod calls;
mod homes;
mod host;

mod matrix;
mod neighbours;
mod relays;

mod roaming;
mod servers;
mod theory;
mod weather;
