//! What became of each packet, as chunks of 16 bits (draft §3.1.1 to §3.1.5).
//!
//! ```text
//! run length   0 s s n n n n n n n n n n n n n   n times the symbol s
//! one bit      1 0 b b b b b b b b b b b b b b   14 symbols, not received or small
//! two bits     1 1 s s s s s s s s s s s s s s   7 symbols
//! ```

/// The packet did not come.
pub(super) const NOT_RECEIVED: u8 = 0;
/// It came, with a delta of one byte.
pub(super) const SMALL: u8 = 1;
/// It came, with a delta of two bytes.
pub(super) const LARGE: u8 = 2;

const MAX_RUN: usize = 0x1fff;
const VECTOR: u16 = 0x8000;
const TWO_BITS: u16 = 0x4000;

/// Appends chunks for these symbols: runs where they are at least as long as a vector, else the
/// vector that has room for what comes.
pub(super) fn write(mut symbols: &[u8], out: &mut Vec<u8>) {
    while let Some(&first) = symbols.first() {
        let run = symbols.iter().take(MAX_RUN).take_while(|symbol| **symbol == first).count();
        let near = symbols.get(..14.min(symbols.len())).unwrap_or_default();
        let one_bit = near.iter().all(|symbol| *symbol != LARGE);
        let in_vector = if one_bit { 14 } else { 7 };
        let (chunk, taken) = if run >= in_vector || run == symbols.len() {
            let run_bits = u16::try_from(run).unwrap_or_default();
            (u16::from(first) << 13 | run_bits, run)
        } else if one_bit {
            let bits = |chunk, (place, symbol): (u16, &u8)| {
                chunk | u16::from(*symbol) << 13_u16.saturating_sub(place)
            };
            ((0..14).zip(near).fold(VECTOR, bits), 14)
        } else {
            let bits = |chunk, (place, symbol): (u16, &u8)| {
                chunk | u16::from(*symbol) << 12_u16.saturating_sub(place)
            };
            ((0..14).step_by(2).zip(near).fold(VECTOR | TWO_BITS, bits), 7)
        };
        out.extend_from_slice(&chunk.to_be_bytes());
        symbols = symbols.get(taken..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(symbols: &[u8]) -> Vec<u16> {
        let mut out = Vec::new();
        write(symbols, &mut out);
        out.as_chunks::<2>().0.iter().map(|chunk| u16::from_be_bytes(*chunk)).collect()
    }

    #[test]
    fn runs_and_vectors() {
        assert_eq!(chunks(&[SMALL; 200]), [0x2000 | 200]);
        assert_eq!(chunks(&[NOT_RECEIVED; 9000]), [0x1fff, 9000 - 0x1fff]);
        assert_eq!(chunks(&[1, 0, 1]), [0b1010_1000_0000_0000]);
        assert_eq!(chunks(&[2, 0, 1]), [0b1110_0001_0000_0000]);
        let mixed = [[1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1].as_slice(), &[1; 30]].concat();
        assert_eq!(chunks(&mixed), [0b1010_1111_1111_1111, 0x2000 | 30]);
    }
}
