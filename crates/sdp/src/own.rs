//! From borrowed to owned.

use core::net::IpAddr;

/// What can let go of the text that it borrows from.
pub(crate) trait IntoOwned {
    type Owned;

    fn into_owned(self) -> Self::Owned;
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

/// Types that borrow nothing are owned already.
macro_rules! owned {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::own::IntoOwned for $type {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        })*
    };
}
pub(crate) use owned;

owned!(bool, u16, u32, u64, IpAddr);

/// `into_owned` of a struct, field by field.
macro_rules! into_owned {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $type<'_> {
            /// The same, borrowing from nothing.
            pub fn into_owned(self) -> $type<'static> {
                $type { $($field: $crate::own::IntoOwned::into_owned(self.$field)),* }
            }
        }

        impl $crate::own::IntoOwned for $type<'_> {
            type Owned = $type<'static>;

            fn into_owned(self) -> $type<'static> {
                $type::into_owned(self)
            }
        }
    };
}
pub(crate) use into_owned;
