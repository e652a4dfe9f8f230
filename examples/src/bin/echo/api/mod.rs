//! Signalling over HTTP: offers, answers, and who is there.

mod body;
mod error;
mod routes;

pub(crate) use routes::{App, router};
