//! Stories of associations in virtual time, and properties of all of them.
#![cfg(test)]

mod acknowledge;
mod add_streams;
mod any_time;
mod chaos;
mod collision;
mod connect;
mod contract;
mod heartbeat;
mod interleave;
mod lies;
mod pace;
mod partial;
mod path_mtu;
mod rack;
mod reset;
mod retransmit;
mod schedule;
mod sharing;
mod shutdown;
mod snap;
mod speed;
mod strangers;
mod support;
mod transfer;
mod window;
mod wrap;
mod zero_checksum;
