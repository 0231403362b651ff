//! Writes a picture of the page after a run: `screenshot FILE`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use end_to_end::{Setup, Theme, journey};

fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("screenshot FILE")?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.ask_for(Theme::Light).await?;
        page.resize(1440, 960).await?;
        page.run_to_the_end().await?;
        page.execute("window.scrollTo(0, 0)", Vec::new()).await?;
        let file = Path::new(&file);
        fs::create_dir_all(file.parent().context("a file has a folder")?)?;
        fs::write(file, page.screenshot().await?).context("the picture cannot be written")
    })
}
