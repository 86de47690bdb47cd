//! Launching and supervising.
