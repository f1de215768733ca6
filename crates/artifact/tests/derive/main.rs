//! Wheels derived from wheels: what comes out, what is refused, and the proof that nothing else
//! changed.

mod case;
mod check;
mod content;
mod files;
mod golden;
mod refused;
mod whole;
