//! What a server has done.

/// Counters since the beginning, but for the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Allocations there are now.
    pub allocations: u64,
    /// Allocations that were made.
    pub allocated: u64,
    /// Datagrams relayed from clients to peers.
    pub datagrams_to_peers: u64,
    /// Bytes of their data.
    pub bytes_to_peers: u64,
    /// Datagrams relayed from peers to clients.
    pub datagrams_to_clients: u64,
    /// Bytes of their data.
    pub bytes_to_clients: u64,
    /// Connections of peers (RFC 6062) that were joined with a client's.
    pub joined: u64,
    /// Bytes that such connections have carried to peers.
    pub stream_bytes_to_peers: u64,
    /// Bytes that such connections have carried to clients.
    pub stream_bytes_to_clients: u64,
    /// Requests that were granted.
    pub granted: u64,
    /// Requests of users that were refused.
    pub refused: u64,
    /// Requests that were answered with a challenge.
    pub challenged: u64,
    /// Data from or to peers without permission.
    pub not_permitted: u64,
    /// Data beyond the bandwidth of its allocation.
    pub over_bandwidth: u64,
    /// Requests of strangers that were not even answered, because there were too many.
    pub strangers_ignored: u64,
    /// Other datagrams that were not used.
    pub discarded: u64,
}
