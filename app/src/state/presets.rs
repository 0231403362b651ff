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
pub const PRESETS: [Preset; 5] = [
    Preset {
        name: "SmolLM2-135M-Instruct",
        parameters: "135 M",
        repository: "bartowski/SmolLM2-135M-Instruct-GGUF",
        file: "SmolLM2-135M-Instruct-Q8_0.gguf",
        size_mb: 145,
        licence: "Apache 2.0",
    },
    Preset {
        name: "Gemma-3-270m-it",
        parameters: "270 M",
        repository: "unsloth/gemma-3-270m-it-GGUF",
        file: "gemma-3-270m-it-Q4_0.gguf",
        size_mb: 241,
        licence: "Gemma terms",
    },
    Preset {
        name: "Qwen2.5-0.5B-Instruct",
        parameters: "494 M",
        repository: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        file: "qwen2.5-0.5b-instruct-q4_0.gguf",
        size_mb: 429,
        licence: "Apache 2.0",
    },
    Preset {
        name: "Qwen3-0.6B",
        parameters: "596 M",
        repository: "Qwen/Qwen3-0.6B-GGUF",
        file: "Qwen3-0.6B-Q8_0.gguf",
        size_mb: 639,
        licence: "Apache 2.0",
    },
    Preset {
        name: "Llama-3.2-1B-Instruct",
        parameters: "1.2 B",
        repository: "bartowski/Llama-3.2-1B-Instruct-GGUF",
        file: "Llama-3.2-1B-Instruct-Q4_0.gguf",
        size_mb: 773,
        licence: "Llama 3.2 Community",
    },
];
