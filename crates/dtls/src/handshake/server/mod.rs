//! The server's handshake.
//!
//! | file | what |
//! |---|---|
//! | `listen` | the ClientHello: which version it is going to be, and whether to ask once more |
//! | `twelve`, `thirteen` | what follows in each version |

mod listen;
mod thirteen;
mod twelve;

pub(super) use listen::{Listen, hello};
pub(super) use thirteen::{Expect as Expect13, Server13};
pub(super) use twelve::{Expect as Expect12, Server12};
