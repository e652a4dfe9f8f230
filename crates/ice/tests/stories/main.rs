//! Stories of two agents in virtual time, and of one that is lied to: one a file.
#![cfg(test)]

mod bounds;
mod consent;
mod contract;
mod embed;
mod embed_lies;
mod failure;
mod forge;
mod lite;
mod lite_server;
mod loss;
mod multihomed;
mod names;
mod nat;
mod nominations;
mod relay;
mod relay_addresses;
mod removal;
mod restart;
mod roles;
mod scene;
mod statistics;
mod strangers;
mod switching;
mod tcp;
mod timeline;
mod trickle;
mod world;
