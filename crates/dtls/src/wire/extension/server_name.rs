//! `server_name`, RFC 6066 §3: which of the names of a server a client wants.
//!
//! ```text
//! list 2+n of ( type 1, of a host 0 | name 2+n )
//! ```

use crate::wire::writer;

const HOST_NAME: u8 = 0;

/// The name of a host, in ASCII and without a dot at its end. What a server answers is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerName;

impl ServerName {
    pub(crate) fn write(name: &str, out: &mut Vec<u8>) {
        writer::vector16(out, |out| {
            out.push(HOST_NAME);
            writer::vector16(out, |out| out.extend_from_slice(name.as_bytes()));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_one_host_is_written() {
        let mut out = Vec::new();
        ServerName::write("a.test", &mut out);
        assert_eq!(out, b"\0\x09\0\0\x06a.test");
    }
}
