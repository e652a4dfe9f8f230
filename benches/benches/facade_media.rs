//! Media through the facade over the loopback interface, all ends in one process: 64 packets of
//! 1200 bytes go to a server, which sends them back or to twenty subscribers, and are awaited there
//! before the next ones are sent.

mod loopback;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use patchcord::{
    Bytes, Config, ConnectionState, Direction, Endpoint, MediaKind, PeerConnection, RtpPacket,
    Transceiver, TransceiverInit,
};
use tokio::task::JoinSet;

use loopback::{Result, answer, endpoints, offer, runtimes};

/// Packets under way at a time: what a socket's buffer holds.
const WINDOW: u64 = 64;
const SUBSCRIBERS: usize = 20;
/// What tasks get to begin.
const BEGINNING: Duration = Duration::from_millis(100);

struct Call {
    _caller: PeerConnection,
    _callee: PeerConnection,
    near: Transceiver,
    far: Transceiver,
}

async fn call([a, b]: &[Endpoint; 2]) -> Result<Call> {
    let caller = a.peer_connection(Config::default())?;
    let callee = b.peer_connection(Config::default())?;
    let near = caller.add_transceiver(MediaKind::Video, TransceiverInit::default())?;
    offer(&caller, &callee).await?;
    let far = callee.transceivers().pop().ok_or("no section")?;
    far.set_direction(Direction::SendRecv)?;
    answer(&caller, &callee).await?;
    for connection in [&caller, &callee] {
        while connection.connection_state() != ConnectionState::Connected {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(Call { _caller: caller, _callee: callee, near, far })
}

/// Sends a window of packets, and waits until each of `ends` has it.
async fn exchange(from: &Call, ends: &[Call], payload: &Bytes, sent: &mut u64) -> Result<()> {
    let sender = from.near.sender();
    let payload_type = sender.codecs().first().ok_or("no codec")?.payload_type;
    for _ in 0..WINDOW {
        let timestamp = *sent as u32 * 3000;
        sender.send(RtpPacket::new(payload_type, *sent, timestamp, payload.clone()))?;
        *sent += 1;
    }
    for end in ends {
        let receiver = end.near.receiver();
        for _ in 0..WINDOW {
            let next = tokio::time::timeout(Duration::from_secs(5), receiver.recv());
            next.await?.ok_or("closed")?;
        }
    }
    Ok(())
}

/// How a server hands packets on.
#[derive(Clone, Copy)]
enum Way {
    /// By `Receiver::forward`.
    Forward,
    /// By a task that reads and sends.
    Task,
}

fn hand_on(tasks: &mut JoinSet<()>, way: Way, from: &Call, to: &Call) {
    let (receiver, sender) = (from.far.receiver(), to.far.sender());
    tasks.spawn(async move {
        match way {
            Way::Forward => receiver.forward(&sender).await,
            Way::Task => {
                while let Some(packet) = receiver.recv().await {
                    let _ = sender.send(packet);
                }
            }
        }
    });
}

fn media(c: &mut Criterion) -> Result<()> {
    let payload = Bytes::from(vec![7; 1200]);
    for (threads, runtime) in runtimes()? {
        let _inside = runtime.enter();
        let mut group = c.benchmark_group(format!("facade media, {threads}"));
        group.sample_size(10).measurement_time(Duration::from_secs(4));
        for (name, way) in [("echo, forwarded", Way::Forward), ("echo, by a task", Way::Task)] {
            let (mut tasks, mut sent) = (JoinSet::new(), 0);
            let ends = runtime.block_on(endpoints())?;
            let pair = [runtime.block_on(call(&ends))?];
            hand_on(&mut tasks, way, &pair[0], &pair[0]);
            runtime.block_on(tokio::time::sleep(BEGINNING));
            group.throughput(Throughput::Elements(WINDOW));
            group.bench_function(name, |b| {
                b.iter(|| {
                    let done = runtime.block_on(exchange(&pair[0], &pair, &payload, &mut sent));
                    assert!(done.is_ok(), "{done:?}");
                });
            });
        }
        let (mut tasks, mut sent) = (JoinSet::new(), 0);
        let ends = runtime.block_on(endpoints())?;
        let publisher = runtime.block_on(call(&ends))?;
        let mut subscribers = Vec::new();
        for _ in 0..SUBSCRIBERS {
            let subscriber = runtime.block_on(call(&ends))?;
            hand_on(&mut tasks, Way::Forward, &publisher, &subscriber);
            subscribers.push(subscriber);
        }
        runtime.block_on(tokio::time::sleep(BEGINNING));
        group.throughput(Throughput::Elements(WINDOW * SUBSCRIBERS as u64));
        group.bench_function("fan-out, forwarded", |b| {
            b.iter(|| {
                let done =
                    runtime.block_on(exchange(&publisher, &subscribers, &payload, &mut sent));
                assert!(done.is_ok(), "{done:?}");
            });
        });
        group.finish();
    }
    Ok(())
}

fn facade_media(c: &mut Criterion) {
    let done = media(c);
    assert!(done.is_ok(), "{done:?}");
}

criterion_group!(benches, facade_media);
criterion_main!(benches);
