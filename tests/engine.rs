//! The engine over its in-process entry and over TCP.
