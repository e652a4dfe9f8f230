//! Datagrams from strangers change nothing.

use crate::support::*;
use patchcord::Message;

#[tokio::test]
async fn garbage_is_counted_and_nothing_else() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = b.local_addresses()[0];
    let mut sent = 0;
    for n in 0..2000usize {
        let len = 1 + n % 1400;
        let mut noise = numbered(n, len).data.to_vec();
        // All that a demultiplexer tells apart: STUN, DTLS, TURN channels, RTP, and the rest.
        noise[0] = (n % 256) as u8;
        if noise.len() >= 20 && n % 3 == 0 {
            // A STUN request with a magic cookie, well-formed or not.
            noise[0] = 0;
            noise[1] = 1;
            let body = ((len - 20) / 4 * 4) as u16;
            noise.truncate(20 + usize::from(body));
            noise[2..4].copy_from_slice(&body.to_be_bytes());
            noise[4..8].copy_from_slice(&0x2112_a442_u32.to_be_bytes());
        }
        stranger.send_to(&noise, to).await.unwrap();
        sent += 1;
        if n % 50 == 0 {
            tokio::task::yield_now().await;
            within(pair.near.send(Message::text("through"))).await.unwrap();
            assert_eq!(within(pair.far.recv()).await, Some(Message::text("through")));
        }
    }
    until(|| b.stats().strangers == sent).await;
    assert_eq!((a.peer_count(), b.peer_count()), (1, 1));
    assert_eq!(pair.callee.stats().datagrams.discarded, 0);
    // Nobody answered.
    let mut buf = [0; 2000];
    assert!(stranger.try_recv(&mut buf).is_err());
}
