//! Reads the files of this folder: named fields of hexadecimal digits.

/// The fields of a file, in order. A field is what stands between two lines of comment.
pub(crate) fn fields<const N: usize>(text: &str) -> [Vec<u8>; N] {
    let lines: Vec<_> = text.lines().collect();
    let fields = lines.split(|line| line.starts_with('#')).filter(|lines| !lines.is_empty());
    let fields: Vec<_> = fields.map(|lines| unhex(&lines.concat())).collect();
    fields.try_into().expect("as many fields as are wanted")
}

/// Hexadecimal digits, with spaces between them.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
