//! The one writer: keeps every pair fresh, mints, fences, retires.
