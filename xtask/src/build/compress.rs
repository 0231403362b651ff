//! brotli beside the files that shrink by it.

use std::io::Write;

use anyhow::Result;

use super::Profile;

/// Whether a file is worth compressing: text and WebAssembly are, weights and pictures are not.
pub(super) fn shrinks(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let kinds = ["html", "css", "js", "wasm", "json", "svg", "csv", "txt", "webmanifest", "md", "jinja"];
    kinds.contains(&extension)
}

/// The content, compressed: as well as possible for visitors, quickly for ourselves.
pub(super) fn compress(content: &[u8], profile: Profile) -> Result<Vec<u8>> {
    let quality = if profile == Profile::Release { 11 } else { 4 };
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, 24);
    writer.write_all(content)?;
    Ok(writer.into_inner())
}
