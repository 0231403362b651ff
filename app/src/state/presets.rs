//! Models that people begin with, of the kinds that this engine runs. The size is about what to expect; the exact one,
//! the hash and the commit are looked up when somebody asks for the file, before anything else is fetched.

/// A file of a repository of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What people call it.
    pub name: &'static str,
    /// Number of weights, as people say it.
    pub parameters: &'static str,
    /// `owner/name`
    pub repository: &'static str,
    /// The file's path in it.
    pub file: &'static str,
    /// In millions of bytes.
    pub size_mb: u64,
    /// The licence that its makers state.
    pub licence: &'static str,
}

/// From small to large.
pub const PRESETS: [Preset; 1] = [Preset {
    name: "SmolLM2-135M-Instruct",
    parameters: "135 M",
    repository: "bartowski/SmolLM2-135M-Instruct-GGUF",
    file: "SmolLM2-135M-Instruct-Q8_0.gguf",
    size_mb: 145,
    licence: "Apache 2.0",
}];
