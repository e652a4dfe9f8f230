//! Agents in a simulated internet: behind NATs and firewalls, with STUN and TURN servers.
#![cfg(test)]

mod homes;
mod host;

mod matrix;
mod neighbours;
mod servers;
mod theory;
