//! The seed's samples: what we encode from their values equals them, what they carry is read.
