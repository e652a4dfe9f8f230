//! The facade over the loopback interface, both ends in one process: messages through a data
//! channel one way, a round trip of a small one, and a connection from nothing to closed.

mod loopback;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use patchcord::{Config, DataChannel, DataChannelInit, Endpoint, Event, Message, PeerConnection};

use loopback::{Result, answer, endpoints, offer, runtimes};

struct Pair {
    _caller: PeerConnection,
    callee: PeerConnection,
    near: DataChannel,
    far: DataChannel,
}

async fn connect([a, b]: &[Endpoint; 2]) -> Result<Pair> {
    let caller = a.peer_connection(Config::default())?;
    let callee = b.peer_connection(Config::default())?;
    let near = caller.create_data_channel("bench", DataChannelInit::default())?;
    offer(&caller, &callee).await?;
    answer(&caller, &callee).await?;
    near.opened().await;
    loop {
        if let Event::DataChannel(far) = callee.next_event().await.ok_or("closed")? {
            return Ok(Pair { _caller: caller, callee, near, far });
        }
    }
}

/// Sends `count` messages one way and waits until all were read.
async fn transfer(pair: &Pair, message: &Message, count: usize) -> Result<()> {
    let (near, message) = (pair.near.clone(), message.clone());
    let sending = tokio::spawn(async move {
        for _ in 0..count {
            near.send(message.clone()).await?;
        }
        Ok::<(), patchcord::SendError>(())
    });
    for _ in 0..count {
        pair.far.recv().await.ok_or("closed")?;
    }
    Ok(sending.await??)
}

fn channel(c: &mut Criterion) -> Result<()> {
    for (threads, runtime) in runtimes()? {
        let ends = runtime.block_on(endpoints())?;
        let pair = runtime.block_on(connect(&ends))?;
        let mut group = c.benchmark_group(format!("facade, {threads}"));
        group.sample_size(10).measurement_time(Duration::from_secs(4));
        for (name, len, count) in [("64KiB", 65_536, 256), ("1KiB", 1024, 8192)] {
            let message = Message::binary(vec![7; len]);
            group.throughput(Throughput::Bytes((len * count) as u64));
            group.bench_function(name, |b| {
                b.iter(|| {
                    let done = runtime.block_on(transfer(&pair, &message, count));
                    assert!(done.is_ok());
                });
            });
        }
        group.throughput(Throughput::Elements(1));
        group.bench_function("round trip", |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let _ = pair.near.send(Message::text("ping")).await;
                    if let Some(message) = pair.far.recv().await {
                        let _ = pair.far.send(message).await;
                    }
                    pair.near.recv().await
                })
            });
        });
        group.bench_function("connect and close", |b| {
            b.iter(|| {
                let done = runtime.block_on(async {
                    let pair = connect(&ends).await?;
                    pair.callee.close().await;
                    Result::Ok(())
                });
                assert!(done.is_ok());
            });
        });
        group.finish();
    }
    Ok(())
}

fn facade(c: &mut Criterion) {
    let done = channel(c);
    assert!(done.is_ok(), "{done:?}");
}

criterion_group!(benches, facade);
criterion_main!(benches);
