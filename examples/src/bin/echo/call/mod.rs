//! `echo call`: a caller without a browser, which trusts nothing that comes back.

mod exchange;
mod media;
mod plan;
mod run;
mod signal;
mod summary;
mod trickle;

pub(crate) use run::run;
