//! The templates of `init`.
