//! Stories of a client, a server and peers in virtual time: one a file.
#![cfg(test)]

mod asker;
mod behavior;
mod bounds;
mod connections;
mod contract;
mod credentials;
mod data;
mod dont_fragment;
mod forget;
mod icmp;
mod lifetime;
mod loss;
mod mobility;
mod ports;
mod refusals;
mod scene;
mod tcp;
