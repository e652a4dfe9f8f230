//! The `turn-server` program from outside.
#![cfg(test)]

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

mod connections;
#[cfg(target_os = "linux")]
mod dont_fragment;
mod families;
#[cfg(target_os = "linux")]
mod icmp;
mod service;
mod strangers;
mod support;
