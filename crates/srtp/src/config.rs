//! What the receiving side can be told before it begins.

/// Bounds of an [`Inbound`](crate::Inbound).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How far behind the newest packet of its stream an RTP packet may be and still be taken, in
    /// packets, at least; what is older counts as a replay. RFC 3711 §3.3.2 asks for 64 or more,
    /// and a smaller value counts as 64. Default 1024: what is sent again after a second of video
    /// at 8 Mbit/s is still taken. One bit of memory each.
    pub replay_window: usize,
    /// Streams, that is SSRCs, whose packets are taken; those of further ones are discarded and
    /// counted. RTP and RTCP are counted apart. Only packets that verify begin a stream, so what is
    /// bounded is what the other side can do, not strangers. A stream is never forgotten: its
    /// packets could be replayed. Default 1024, in which case streams take at most 400 kB.
    pub max_streams: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { replay_window: 1024, max_streams: 1024 }
    }
}
