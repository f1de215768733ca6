//! A good configuration as a whole, and whole files that are bad.
