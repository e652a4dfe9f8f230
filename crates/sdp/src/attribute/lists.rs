//! Lists within a value: words with blanks between them, `name=value;name=value`.

use core::fmt;

use crate::text::Token;

/// Writes words, a blank between each two.
pub(super) fn join(f: &mut fmt::Formatter<'_>, words: &[Token<'_>]) -> fmt::Result {
    let mut separator = "";
    for word in words {
        f.write_str(separator)?;
        f.write_str(word)?;
        separator = " ";
    }
    Ok(())
}

/// The parameters of `name=value; name=value; name`, the last with an empty value.
pub(super) fn parameters(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()).map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        (name.trim_end(), value.trim_start())
    })
}
