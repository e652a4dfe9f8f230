//! TCP with peers, RFC 6062.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use sansio::Transport;
use stun::{MessageBuilder, Method};
use turn::{
    AddressFamily,
    client::{Config, Event, Relaying},
};

use crate::support::{Caller, Server};

fn caller(server: &Server) -> Caller {
    let config = Config { relaying: Relaying::Connections, ..Config::default() };
    server.caller(Transport::Tcp, config)
}

/// A client's end and a peer's.
fn pair(caller: &mut Caller) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    caller.client.connect(listener.local_addr().unwrap()).unwrap();
    let near = caller.joined();
    (near, listener.accept().unwrap().0)
}

#[test]
fn each_end_closes_for_itself() {
    let server = Server::start(&[]);
    let mut caller = caller(&server);
    let (mut near, mut far) = pair(&mut caller);
    let question = vec![b'?'; 300_000];
    let writer = thread::spawn({
        let (mut near, question) = (near.try_clone().unwrap(), question.clone());
        move || {
            near.write_all(&question).unwrap();
            near.shutdown(Shutdown::Write).unwrap();
        }
    });
    let mut heard = Vec::new();
    far.read_to_end(&mut heard).unwrap();
    assert!(heard == question);
    writer.join().unwrap();
    far.write_all(b"after the end of the question").unwrap();
    drop(far);
    let mut answer = String::new();
    near.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "after the end of the question");
}

/// However fast the machine is, it takes as long as the bandwidth says.
#[test]
fn bytes_wait_for_the_bandwidth() {
    let server = Server::start(&["--bandwidth", "50000"]);
    let mut caller = caller(&server);
    let (mut near, mut far) = pair(&mut caller);
    let started = Instant::now();
    let writer = thread::spawn(move || near.write_all(&[7; 100_000]).map(|()| near));
    far.read_exact(&mut [0; 100_000]).unwrap();
    // Half of it at once.
    assert!(started.elapsed() >= Duration::from_millis(990), "{:?}", started.elapsed());
    writer.join().unwrap().unwrap();
}

#[test]
fn a_pair_that_says_nothing_is_parted() {
    let server = Server::start(&["--tcp-idle", "1"]);
    let mut caller = caller(&server);
    let (mut near, mut far) = pair(&mut caller);
    near.write_all(b"word").unwrap();
    far.read_exact(&mut [0; 4]).unwrap();
    for stream in [&mut near, &mut far] {
        match stream.read(&mut [0; 1]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            other => unreachable!("{other:?}"),
        }
    }
    // There is room for the same peer again.
    pair(&mut caller);
}

/// Connects to the relay until the caller hears of it, and keeps both.
fn reach(caller: &mut Caller, relayed: SocketAddr) -> TcpStream {
    let far = TcpStream::connect(relayed).unwrap();
    let expected = far.local_addr().unwrap();
    caller.event(|event| match event {
        Event::ConnectionWanted { peer, .. } if *peer == expected => Some(()),
        _ => None,
    });
    far
}

#[cfg(target_os = "linux")]
#[test]
fn peers_are_accepted_again_when_there_are_descriptors_again() {
    // Descriptors for the program itself, and few others.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 32; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_turn-server")]);
    command.args(Server::USUAL);
    let server = Server::run(&mut command);
    let mut caller = caller(&server);
    caller.permit(server.address);
    let relayed = caller.client.relayed(AddressFamily::Ipv4).unwrap();
    let first = reach(&mut caller, relayed);
    let others: Vec<_> = (0..40).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    let descriptors = format!("/proc/{}/fd", server.child.id());
    while std::fs::read_dir(&descriptors).unwrap().count() < 32 {
        caller.turn();
    }
    // Nobody accepts this one now, and it gives up.
    drop(TcpStream::connect(relayed).unwrap());
    // The program has seen it by the time it answers what comes later.
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..3 {
        let mut request = Vec::new();
        MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into());
        socket.send_to(&request, server.address).unwrap();
        socket.recv(&mut [0; 200]).unwrap();
    }
    drop((first, others));
    reach(&mut caller, relayed);
}
