//! A failed run leaves a capture behind.

use core::convert::Infallible;

use patchcord_testkit::{LinkConfig, Pair};
use sansio::{Datagram, Instant, Machine, Transmit};

/// Sends one datagram.
struct Once(Option<&'static [u8]>);

impl Machine for Once {
    type Path = ();
    type Event = ();
    type Discard = Infallible;

    fn handle_input(&mut self, _: Instant, _: Datagram<'_, ()>) -> Result<(), Infallible> {
        Ok(())
    }
    fn handle_timeout(&mut self, _: Instant) {}
    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        let bytes = self.0.take()?;
        buf.extend(bytes);
        Some(Transmit::new((), bytes.len()))
    }
    fn poll_event(&mut self) -> Option<()> {
        None
    }
    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// File header, packet header, IPv4, UDP, payload.
const LENGTHS: [usize; 5] = [24, 16, 20, 8, 5];

fn run() -> Pair<Once, Once> {
    let mut pair = Pair::new(Once(Some(b"hello")), Once(None), LinkConfig::default(), 1);
    pair.now = Instant::from_millis(1_002);
    pair.step();
    pair
}

#[test]
fn a_capture_has_a_packet_a_datagram() {
    let path = run().trace.write_pcap("tests of pcap").unwrap();
    assert!(path.ends_with("pcap/tests_of_pcap.pcap"), "{}", path.display());
    let file = std::fs::read(path).unwrap();
    assert_eq!(file.len(), LENGTHS.iter().sum());
    assert_eq!(file[..4], 0xa1b2_3c4d_u32.to_le_bytes());
    assert_eq!(file[20..24], 101_u32.to_le_bytes());
    assert_eq!(file[24..28], 1_u32.to_le_bytes()); // seconds
    assert_eq!(file[28..32], 2_000_000_u32.to_le_bytes()); // nanoseconds
    assert_eq!(file[32..36], 33_u32.to_le_bytes());
    assert_eq!(file[52..60], [10, 0, 0, 1, 10, 0, 0, 2]);
    assert!(file.ends_with(b"hello"));
}

#[test]
fn a_panic_writes_one_named_after_the_thread() {
    let mark = run().trace.write_pcap("mark").unwrap();
    let capture = mark.with_file_name("a_panic.pcap");
    let _absent = std::fs::remove_file(&capture);
    let thread = std::thread::Builder::new().name("a panic".into());
    let failed = thread.spawn(|| {
        let _pair = run();
        panic!("on purpose: the capture is what this test looks for");
    });
    assert!(failed.unwrap().join().is_err());
    assert_eq!(std::fs::read(capture).unwrap(), std::fs::read(mark).unwrap());
}
