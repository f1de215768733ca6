//! The parts of the program that tests reach from outside; `main.rs` is the command line.

pub mod serve;
