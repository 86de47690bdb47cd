//! Node-API face.
