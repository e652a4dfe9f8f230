//! Records: what protects them, and which keys are in use.
//!
//! | file | what |
//! |---|---|
//! | `keys` | one direction's keys in one epoch |
//! | `twelve`, `thirteen` | records of each version, sealed and opened in place |
//! | `window` | what has been received before |
//! | `records` | [`Records`]: all epochs of a connection |

mod keys;
mod records;
mod thirteen;
mod twelve;
mod window;

pub(crate) use keys::Keys;
pub(crate) use records::{Opened, Records};

#[cfg(test)]
mod tests;
