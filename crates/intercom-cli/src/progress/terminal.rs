//! The terminal that the bar is drawn on. The bar leaves the end of its line free.
//!
//! A bar is padded to the end of its line. A `^C` that the terminal prints there would start a new line, and the old bar
//! would never be cleared.

use std::io;
#[cfg(unix)]
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressDrawTarget;
use terminal_size::terminal_size_of;

/// The size of a terminal that does not report one.
const USUAL: (u16, u16) = (80, 24);
/// The columns that stay free.
const FREE: u16 = 4;
/// The bar is drawn at most this many times per second.
const HERTZ: u8 = 5;

/// Columns and rows.
fn size() -> (u16, u16) {
    terminal_size_of(io::stderr()).map_or(USUAL, |(width, height)| (width.0, height.0))
}

/// The columns to draw on.
pub(crate) fn width() -> u16 {
    size().0.saturating_sub(FREE)
}

/// Where the bar is drawn.
#[cfg(unix)]
pub(crate) fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::<Terminal>::default(), HERTZ)
}

/// Where the bar is drawn. Not every terminal on this system supports escape sequences.
#[cfg(not(unix))]
pub(crate) fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(HERTZ)
}

/// Stderr, written in one piece for each drawing.
#[cfg(unix)]
#[derive(Debug, Default)]
struct Terminal {
    drawn: Mutex<String>,
}

#[cfg(unix)]
impl Terminal {
    fn draw(&self, piece: std::fmt::Arguments<'_>) -> io::Result<()> {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        std::fmt::Write::write_fmt(&mut *drawn, piece).map_err(io::Error::other)
    }

    fn go(&self, number: usize, way: char) -> io::Result<()> {
        // The escape sequence treats 0 as 1.
        if number == 0 {
            return Ok(());
        }
        self.draw(format_args!("\x1b[{number}{way}"))
    }
}

#[cfg(unix)]
impl indicatif::TermLike for Terminal {
    fn width(&self) -> u16 {
        width()
    }

    fn height(&self) -> u16 {
        size().1
    }

    fn move_cursor_up(&self, number: usize) -> io::Result<()> {
        self.go(number, 'A')
    }

    fn move_cursor_down(&self, number: usize) -> io::Result<()> {
        self.go(number, 'B')
    }

    fn move_cursor_right(&self, number: usize) -> io::Result<()> {
        self.go(number, 'C')
    }

    fn move_cursor_left(&self, number: usize) -> io::Result<()> {
        self.go(number, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}"))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw(format_args!("\r\x1b[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stderr = io::stderr();
        io::Write::write_all(&mut stderr, drawn.as_bytes())?;
        drawn.clear();
        Ok(())
    }
}
