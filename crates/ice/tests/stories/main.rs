//! Stories of two agents in virtual time, one a file.

mod loss;
#[cfg(test)]
mod scene;
mod timeline;
