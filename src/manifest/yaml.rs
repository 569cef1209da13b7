//! YAML to a tree of nodes with spans, and from there to typed values.
