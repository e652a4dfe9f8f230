//! The server: allocations keyed by 5-tuple, in tables whose bounds stand in [`Config`].
//!
//! ```text
//!            client's 5-tuple                       relayed addresses
//!   client ═══════════════════►  forward  ─────────►  relay socket ────► peer
//!   client ◄═══════════════════  forward  ◄─────────  relay socket ◄──── peer
//!              responses  ◄──  poll_transmit
//!   the shell:  OpenRelay, CloseRelay, …  ◄──  poll_event;  handle_opened, handle_open_failed, …
//! ```
//!
//! | file | procedure | RFC |
//! |---|---|---|
//! | `machine` | the struct, its getters, the contract of machines | |
//! | `request` | who asks for what | 8656 §5, 8489 §9.2.4 |
//! | `allocate` | making allocations | 8656 §7 |
//! | `relay` | relay sockets: ports, reservations, opening and closing | 8656 §7.2 |
//! | `refresh` | keeping, moving and ending them | 8656 §8, 8016 §3 |
//! | `permission`, `channel` | whom an allocation hears, and how short it says so | 8656 §9, §12 |
//! | `forward` | data from and to peers | 8656 §11, §12.4 |
//! | `icmp` | what comes back instead of data | 8656 §11.5 |
//! | `tcp` | connections to and from peers | 6062 |
//! | `allocation` | what an allocation consists of | |
//! | `accounts` | users: with passwords, or with time-limited credentials | turn-rest |
//! | `peers` | which peers are nobody's business | 8656 §21.1.5 |
//! | `limit` | token buckets | |
//! | `config`, `discard`, `event`, `stats` | what it is told and tells | |

mod accounts;
mod allocate;
mod allocation;
mod channel;
mod config;
mod discard;
mod event;
mod forward;
mod icmp;
mod limit;
mod machine;
mod peers;
mod permission;
mod refresh;
mod relay;
mod request;
mod stats;
mod tcp;

pub use accounts::{Accounts, SharedSecret, StaticUsers};
pub use config::{Config, RateLimit, RelayAddress};
pub use discard::Discard;
pub use event::{Event, Relay};
pub use machine::Server;
pub use peers::{PeerPolicy, Prefix, PrefixError};
pub use stats::Stats;
pub use tcp::Toward;
