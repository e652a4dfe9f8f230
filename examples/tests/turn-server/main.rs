//! The `turn-server` program from outside: what it does on Linux alone.
#![cfg(target_os = "linux")]
#![cfg(test)]

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

mod dont_fragment;
mod icmp;
mod support;
