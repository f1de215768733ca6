//! Real git against real repositories and against git's own http server: one binary, a file per topic.

mod cache;
mod command;
mod derive;
mod generate;
mod history;
mod hostile;
mod login;
mod pick;
mod push;
mod race;
mod refs;
mod world;
