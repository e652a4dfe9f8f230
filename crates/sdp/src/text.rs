//! Text that cannot break out of its place in a description.
//!
//! A description is made of lines, and most lines of words. Whatever an application puts into one
//! (a stream id of its user's, a name) must not be able to start another line or another word, so
//! strings enter through these two types, which end where the line or the word would.

use core::borrow::Borrow;
use core::fmt;
use core::ops::Deref;
use std::borrow::Cow;

use crate::fields::{is_blank, is_line_end};
use crate::own::IntoOwned;

macro_rules! text {
    ($(#[$doc:meta])* $type:ident ends at $ends:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type<'a>(Cow<'a, str>);

        impl<'a> $type<'a> {
            /// Text that a parser has cut out already.
            pub(crate) const fn parsed(text: &'a str) -> Self {
                Self(Cow::Borrowed(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A copy that borrows from this one.
            pub fn reborrow(&self) -> $type<'_> {
                $type(Cow::Borrowed(&self.0))
            }

            /// The same text, borrowing from nothing.
            pub fn into_owned(self) -> $type<'static> {
                $type(Cow::Owned(self.0.into_owned()))
            }
        }

        impl IntoOwned for $type<'_> {
            type Owned = $type<'static>;

            fn into_owned(self) -> Self::Owned {
                $type::into_owned(self)
            }
        }

        impl<'a> From<&'a str> for $type<'a> {
            fn from(text: &'a str) -> Self {
                Self(Cow::Borrowed(text.split($ends).next().unwrap_or_default()))
            }
        }

        impl From<String> for $type<'_> {
            fn from(mut text: String) -> Self {
                text.truncate(text.find($ends).unwrap_or(text.len()));
                Self(Cow::Owned(text))
            }
        }

        impl Deref for $type<'_> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $type<'_> {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $type<'_> {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $type<'_> {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl PartialEq<&str> for $type<'_> {
            fn eq(&self, other: &&str) -> bool {
                *self.0 == **other
            }
        }

        impl fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl fmt::Display for $type<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// Text within one line (`byte-string` of RFC 8866 §9): no CR, no LF, no NUL.
    ///
    /// Made from a string, it ends at the first of them.
    Text ends at is_line_end
}

text! {
    /// One word: no blank, no CR, no LF, no NUL.
    ///
    /// Made from a string, it ends at the first of them.
    Token ends at is_blank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_start_a_line() {
        for (input, text, token) in [
            ("plain", "plain", "plain"),
            ("two words", "two words", "two"),
            ("a\tb", "a\tb", "a"),
            ("x\r\na=ice-lite", "x", "x"),
            ("x\na=ice-lite", "x", "x"),
            ("nul\0", "nul", "nul"),
            ("", "", ""),
        ] {
            assert_eq!(Text::from(input), text);
            assert_eq!(Text::from(input.to_owned()), text);
            assert_eq!(Token::from(input), token);
            assert_eq!(Token::from(input.to_owned()), token);
        }
    }
}
