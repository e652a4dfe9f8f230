//! Which ports may be bound where none is asked for: firewalls are opened for ranges.

use core::ops::RangeInclusive;
use std::io;

/// The ports of an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Ports {
    range: Option<RangeInclusive<u16>>,
    /// Where the search begins: ports in a row would tell how many there are, and two programs with
    /// the same range would meet at each.
    start: u16,
}

impl Ports {
    /// `None`: the system chooses. `start` is random.
    pub(crate) fn new(range: Option<RangeInclusive<u16>>, start: u16) -> Self {
        Self { range, start }
    }

    /// Binds to a port, the next one if it is in use.
    ///
    /// # Errors
    ///
    /// All are in use; or what `bind` says else.
    pub(crate) fn bind<T>(&mut self, bind: impl Fn(u16) -> io::Result<T>) -> io::Result<T> {
        let Some(range) = &self.range else { return bind(0) };
        let count = u32::from(*range.end()).saturating_sub((*range.start()).into()) + 1;
        if range.is_empty() {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        for n in 0..count {
            let offset = (u32::from(self.start) + n) % count;
            let port = range.start().saturating_add(u16::try_from(offset).unwrap_or(0));
            match bind(port) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
                Ok(bound) => {
                    self.start = u16::try_from((offset + 1) % count).unwrap_or(0);
                    return Ok(bound);
                }
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }
}

#[cfg(test)]
mod tests {
    use core::cell::RefCell;

    use super::*;

    /// Who has which ports.
    fn binding(taken: &RefCell<Vec<u16>>, port: u16) -> io::Result<u16> {
        if taken.borrow().contains(&port) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        taken.borrow_mut().push(port);
        Ok(port)
    }

    #[test]
    fn every_port_of_the_range_is_used_and_no_other() {
        for (range, start) in [(5000..=5004, 0), (5000..=5004, 7), (65_533..=65_535, 65_535)] {
            let (mut ports, taken) = (Ports::new(Some(range.clone()), start), RefCell::default());
            let mut bound: Vec<u16> =
                range.clone().map(|_| ports.bind(|port| binding(&taken, port)).unwrap()).collect();
            bound.sort_unstable();
            assert_eq!(bound, range.collect::<Vec<_>>());
            let full = ports.bind(|port| binding(&taken, port)).unwrap_err();
            assert_eq!(full.kind(), io::ErrorKind::AddrInUse);
        }
    }

    #[test]
    fn all_ports_are_a_range_too() {
        let mut ports = Ports::new(Some(0..=u16::MAX), 40_000);
        assert_eq!(ports.bind(Ok).unwrap(), 40_000);
    }

    #[test]
    fn without_a_range_the_system_chooses() {
        assert_eq!(Ports::new(None, 9).bind(Ok).unwrap(), 0);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "a mistake of the user's")]
    fn an_empty_range_has_no_port() {
        let error = Ports::new(Some(9..=8), 0).bind(Ok).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn what_is_not_about_the_port_ends_the_search() {
        let tried = RefCell::new(0);
        let mut ports = Ports::new(Some(5000..=5004), 0);
        let error = ports.bind(|_| -> io::Result<()> {
            *tried.borrow_mut() += 1;
            Err(io::ErrorKind::AddrNotAvailable.into())
        });
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
        assert_eq!(*tried.borrow(), 1);
    }
}
