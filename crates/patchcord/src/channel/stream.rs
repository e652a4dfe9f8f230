//! A channel as a stream of bytes.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use bytes::{Buf, Bytes};
use peer::{DataChannelState, Message, SendError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::DataChannel;
use crate::connection::Waiting;

/// A data channel as [`AsyncRead`] and [`AsyncWrite`], made by [`DataChannel::into_stream`]. The
/// bounds of messages are lost: each write is a binary message, and reads join whatever arrives.
///
/// However much is written, no more of it is held than the send buffer takes here and the receive
/// window there: what the other side does not read, is not written here.
///
/// ```
/// use patchcord::DataChannel;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// /// Any number of bytes, from a file, say; `shutdown` returns when all of them have arrived.
/// async fn upload(
///     channel: DataChannel,
///     mut from: impl tokio::io::AsyncRead + Unpin,
/// ) -> std::io::Result<u64> {
///     let mut stream = channel.into_stream();
///     let sent = tokio::io::copy(&mut from, &mut stream).await?;
///     stream.shutdown().await?;
///     Ok(sent)
/// }
///
/// /// The other end reads until the channel is closed.
/// async fn download(channel: DataChannel) -> std::io::Result<usize> {
///     let mut stream = channel.into_stream();
///     let (mut piece, mut received) = (vec![0; 64 << 10], 0);
///     loop {
///         match stream.read(&mut piece).await? {
///             0 => return Ok(received),
///             len => received += len,
///         }
///     }
/// }
/// # use patchcord::{Config, DataChannelInit, Endpoint, EndpointConfig, Event};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let config = EndpointConfig { udp: "127.0.0.1:0".parse()?, ..Default::default() };
/// # let (a, b) = (Endpoint::bind(config.clone()).await?, Endpoint::bind(config).await?);
/// # let (a, b) = (a.peer_connection(Config::default())?, b.peer_connection(Config::default())?);
/// # let near = a.create_data_channel("file", DataChannelInit::default())?;
/// # a.set_local_description(None).await?;
/// # a.gathering_complete().await;
/// # b.set_remote_description(a.local_description().ok_or("no offer")?).await?;
/// # b.set_local_description(None).await?;
/// # b.gathering_complete().await;
/// # a.set_remote_description(b.local_description().ok_or("no answer")?).await?;
/// # let sending = tokio::spawn(upload(near, tokio::io::repeat(7).take(3_000_000)));
/// # let far = loop {
/// #     if let Some(Event::DataChannel(far)) = b.next_event().await { break far }
/// # };
/// # assert_eq!(download(far).await?, 3_000_000);
/// # assert_eq!(sending.await??, 3_000_000);
/// # Ok(())
/// # }
/// ```
///
/// A channel cannot be closed in one direction only: `shutdown` closes it, and returns when all
/// that was written has arrived. The end of the stream is the channel's.
#[derive(Debug)]
pub struct DataStream {
    channel: DataChannel,
    /// What is left of the message that is being read.
    unread: Bytes,
    reading: Waiting,
    writing: Waiting,
}

impl DataStream {
    /// Bytes of one message at most: what others interleave with, and what the other side must have
    /// whole before it can read it.
    const MAX_MESSAGE: usize = 16 << 10;

    pub(super) fn new(channel: DataChannel) -> Self {
        Self {
            channel,
            unread: Bytes::new(),
            reading: Waiting::default(),
            writing: Waiting::default(),
        }
    }

    /// The channel.
    pub fn channel(&self) -> &DataChannel {
        &self.channel
    }

    /// Sends the first part of `bytes` that fits one message: its length, if it was accepted.
    fn try_write(&self, bytes: &[u8]) -> Option<io::Result<usize>> {
        // Zero: the description with the other side's limit is still to come.
        let max = self.channel.max_message_size().clamp(1, Self::MAX_MESSAGE);
        let part = bytes.get(..max).unwrap_or(bytes);
        // The one copy that borrowed bytes cost: they must outlive this call.
        match self.channel.try_send(Message::binary(Bytes::copy_from_slice(part))) {
            Ok(()) => Some(Ok(part.len())),
            Err(SendError::BufferFull | SendError::NotOpen(DataChannelState::Connecting)) => None,
            Err(error) => Some(Err(io::Error::new(io::ErrorKind::BrokenPipe, error))),
        }
    }
}

impl AsyncRead for DataStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { channel, unread, reading, .. } = self.get_mut();
        while unread.is_empty() {
            let message =
                ready!(reading.poll(cx, channel.changed(), || match channel.try_recv() {
                    None if channel.ready_state() == DataChannelState::Closed => Some(None),
                    None => None,
                    some => Some(some),
                }));
            match message {
                Some(message) => *unread = message.data,
                None => return Poll::Ready(Ok(())),
            }
        }
        let len = unread.len().min(buf.remaining());
        buf.put_slice(&unread[..len]);
        unread.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for DataStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let this = self.get_mut();
        let mut writing = core::mem::take(&mut this.writing);
        let result = writing.poll(cx, this.channel.changed(), || this.try_write(bytes));
        this.writing = writing;
        result
    }

    /// What was written is on its way already.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { channel, writing, .. } = self.get_mut();
        if channel.ready_state() == DataChannelState::Open {
            channel.close();
        }
        writing
            .poll(cx, channel.changed(), || {
                (channel.ready_state() == DataChannelState::Closed).then_some(())
            })
            .map(Ok)
    }
}
