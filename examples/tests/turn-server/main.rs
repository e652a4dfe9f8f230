//! The `turn-server` program from outside.

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

#[cfg(test)]
mod icmp;
