//! The engine over its in-process entry and over TCP.

mod decisions;
mod durability;
mod lifecycle;
mod refusals;
mod seeding;
mod signing;
mod socket;
mod support;
