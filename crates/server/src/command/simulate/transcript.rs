//! What happens to simulated parties, line by line on standard output.

use sim::{Event, Line};

use crate::say;

/// One line of the transcript.
pub(in crate::command) fn print(line: Line) {
    say::line(&format!("{:>7}  {}", line.who, line.text));
}

/// Prints what happens to one party.
pub(in crate::command) fn print_as(who: &'static str) -> impl FnMut(Event) + Send {
    move |event| say::line(&format!("{who:>7}  {event}"))
}
