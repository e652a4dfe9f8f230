//! Lines, with what ends them.

use core::fmt;

/// Writes a line, if there is something to write.
pub(crate) fn line<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    letter: &str,
    value: Option<&T>,
) -> fmt::Result {
    lines(f, letter, value)
}

/// Writes lines of one letter.
pub(crate) fn lines<'t, T: fmt::Display + 't>(
    f: &mut fmt::Formatter<'_>,
    letter: &str,
    values: impl IntoIterator<Item = &'t T>,
) -> fmt::Result {
    for value in values {
        f.write_str(letter)?;
        value.fmt(f)?;
        f.write_str("\r\n")?;
    }
    Ok(())
}
