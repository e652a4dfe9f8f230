//! Writing numbers and vectors, RFC 8446 §3.

/// Appends a number of two bytes.
pub(crate) fn u16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_be_bytes());
}

/// Appends a number of three bytes.
pub(crate) fn u24(out: &mut Vec<u8>, number: usize) {
    let [.., a, b, c] = narrow(number).to_be_bytes();
    out.extend_from_slice(&[a, b, c]);
}

/// Appends what `body` appends, and its length in one byte before it.
pub(crate) fn vector8(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    vector::<1>(out, body);
}

/// Appends what `body` appends, and its length in two bytes before it.
pub(crate) fn vector16(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    vector::<2>(out, body);
}

/// Appends what `body` appends, and its length in three bytes before it.
pub(crate) fn vector24(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    vector::<3>(out, body);
}

/// Appends numbers of two bytes each.
pub(crate) fn numbers(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = u16>) {
    numbers.into_iter().for_each(|number| u16(out, number));
}

fn vector<const N: usize>(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; N]);
    let start = out.len();
    body(out);
    let length = narrow(out.len().saturating_sub(start)).to_be_bytes();
    let bytes = length.last_chunk::<N>().copied().unwrap_or([0; N]);
    for (slot, byte) in out.iter_mut().skip(at).zip(bytes) {
        *slot = byte;
    }
}

/// What we write is short: lists of our own making, a certificate of the user's.
fn narrow(len: usize) -> u32 {
    debug_assert!(len < 1 << 24);
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_nest() {
        let mut out = vec![9];
        vector24(&mut out, |out| {
            vector16(out, |out| numbers(out, [1, 0x0203]));
            vector8(out, |out| u24(out, 0x01_0203));
        });
        assert_eq!(out, [9, 0, 0, 10, 0, 4, 0, 1, 2, 3, 3, 1, 2, 3]);
    }
}
