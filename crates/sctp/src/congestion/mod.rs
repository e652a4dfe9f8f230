//! Congestion control: how much may be in flight.

mod controller;
mod new_reno;

pub(crate) use controller::{Ack, Controller};
pub(crate) use new_reno::NewReno;
