//! Archives read as trackside reads them: good ones pass, each bad one is refused by its code.

mod archives;
mod case;
mod contents;
mod damage;
mod good;
mod names;
mod wheels;
