//! What is looked at, a file each.
//!
//! | file | what |
//! |---|---|
//! | `interfaces` | this machine's addresses |
//! | `network` | one family: all that follows, in order |
//! | `public` | where servers see us |
//! | `nat` | mapping and filtering, RFC 5780 |
//! | `hairpin` | whether we reach our own public addresses |
//! | `lifetime` | for how long a mapping is kept |
//! | `mtu` | how large packets may be |
//! | `relay` | a TURN server over one transport |
//! | `echo` | what comes back through a relay |

pub(crate) mod echo;
pub(crate) mod hairpin;
pub(crate) mod interfaces;
pub(crate) mod lifetime;
pub(crate) mod mtu;
pub(crate) mod nat;
pub(crate) mod network;
pub(crate) mod public;
pub(crate) mod relay;
