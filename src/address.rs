//! Kind, scope and name.
