//! Files and folders from disk.

use protocol::{ErrorKind, NewFile, NewItem, Origin, WireError};

use super::{CONFIG, MLX, PEFT, Split, adapter, is_gguf, model};

/// A file from disk: its name and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// The folder that was chosen and those in it, down to the file's; empty where the file itself was chosen.
    pub folder: String,
    /// Without folders.
    pub name: String,
    /// In bytes.
    pub size_bytes: u64,
}

/// Names that mean something in a folder that holds other things too. Two of them only to say why they do not run.
pub fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_gguf(&name) || [CONFIG, PEFT, MLX].contains(&name.as_str()) || OLD.iter().any(|(old, _)| *old == name)
}

/// Weights of adapters in formats that are not read.
const OLD: [(&str, &str); 2] = [
    ("adapter_model.bin", "a pickle can run programs; save the adapter as safetensors"),
    ("adapters.npz", "save the adapter with a newer mlx-lm, as safetensors"),
];

/// Sorts files from disk into things to keep. The places in [`Origin::File`] are those of `files`. Files of different
/// folders are of different adapters.
///
/// # Errors
/// Names the file that is missing, or of no kind that runs here.
pub fn from_disk(files: &[Picked]) -> Result<Vec<NewItem>, WireError> {
    let mut folders: Vec<&str> = files.iter().map(|file| file.folder.as_str()).collect();
    folders.sort_unstable();
    folders.dedup();
    let mut items = Vec::new();
    for folder in folders {
        let of_folder = |place: &usize| files[*place].folder == folder;
        items.extend(Folder::new(files, (0..files.len()).filter(of_folder)).items()?);
    }
    if items.is_empty() {
        let message = match files.first() {
            Some(file) if !file.folder.is_empty() => {
                let folder = file.folder.split('/').next().unwrap_or_default();
                format!("The folder {folder} holds neither a GGUF file nor the files of a LoRA adapter.")
            }
            _ => {
                "Nothing was chosen, or nothing in it is a GGUF file or a part of a LoRA adapter.".to_owned()
            }
        };
        return Err(WireError::new(ErrorKind::UnsupportedModel, message));
    }
    Ok(items)
}

/// The files of one folder, or those that were chosen one by one, by their places.
struct Folder<'a> {
    files: &'a [Picked],
    /// In the order of their names.
    places: Vec<usize>,
}

impl<'a> Folder<'a> {
    fn new(files: &'a [Picked], places: impl Iterator<Item = usize>) -> Self {
        let is_chosen = |place: &usize| files[*place].folder.is_empty() || is_known(&files[*place].name);
        let mut places: Vec<usize> = places.filter(is_chosen).collect();
        places.sort_by(|a, b| files[*a].name.cmp(&files[*b].name));
        Self { files, places }
    }

    fn items(&self) -> Result<Vec<NewItem>, WireError> {
        let adapter = self.adapter()?;
        self.refuse_odd(adapter.is_some())?;
        let models = self.models()?.into_iter();
        let models =
            models.map(|group| model(group.into_iter().map(|place| self.new_file(place)).collect(), None));
        Ok(models.chain(adapter).collect())
    }

    fn name(&self, place: usize) -> &str {
        &self.files[place].name
    }

    fn ending_in<'b>(&'b self, ending: &'b str) -> impl Iterator<Item = usize> + 'b {
        let ends = move |place: &usize| self.name(*place).to_ascii_lowercase().ends_with(ending);
        self.places.iter().copied().filter(ends)
    }

    fn called(&self, name: &str) -> Option<usize> {
        self.places.iter().copied().find(|place| self.name(*place).eq_ignore_ascii_case(name))
    }

    fn new_file(&self, place: usize) -> NewFile {
        let file = &self.files[place];
        NewFile {
            name: file.name.clone(),
            from: Origin::File(place as u32),
            sha256: None,
            size_bytes: Some(file.size_bytes),
        }
    }

    /// A file that was chosen by itself and is of no use; beside an adapter there may be others of its folder.
    fn refuse_odd(&self, has_adapter: bool) -> Result<(), WireError> {
        let is_part = |name: &str| {
            let name = name.to_ascii_lowercase();
            [".gguf", ".safetensors", ".json"].iter().any(|ending| name.ends_with(ending))
        };
        match self.places.iter().find(|place| !is_part(self.name(**place))) {
            Some(odd) if !has_adapter => {
                let message =
                    format!("{} is neither a GGUF file nor a part of a LoRA adapter.", self.name(*odd));
                Err(WireError::new(ErrorKind::UnsupportedModel, message))
            }
            _ => Ok(()),
        }
    }

    /// The usual names go first; else the only pair of files is taken, so that renamed ones are found too.
    fn adapter(&self) -> Result<Option<NewItem>, WireError> {
        let usual: Vec<usize> = [PEFT, MLX].into_iter().filter_map(|name| self.called(name)).collect();
        let weights = if usual.is_empty() { self.ending_in(".safetensors").collect() } else { usual };
        let config = self.called(CONFIG);
        let configs: Vec<usize> =
            config.map_or_else(|| self.ending_in(".json").collect(), |place| vec![place]);
        match (&weights[..], &configs[..]) {
            ([], []) => self.old_weights().map_or(Ok(None), Err),
            ([weights], [config]) => {
                let name = self.adapter_name(*weights);
                Ok(Some(adapter(name, self.new_file(*weights), self.new_file(*config), None)))
            }
            ([], [config, ..]) => Err(self
                .old_weights()
                .unwrap_or_else(|| half(self.name(*config), &format!("{PEFT} or {MLX}")))),
            ([weights, ..], []) => Err(half(self.name(*weights), CONFIG)),
            _ => {
                let message = "These are the files of several adapters; drop their folders, or choose one adapter at a time.";
                Err(WireError::new(ErrorKind::InvalidAdapter, message))
            }
        }
    }

    fn old_weights(&self) -> Option<WireError> {
        let (place, why) = OLD.iter().find_map(|(name, why)| self.called(name).map(|place| (place, why)))?;
        let message = format!("{} is not read: {why}.", self.name(place));
        Some(WireError::new(ErrorKind::UnsupportedAdapter, message))
    }

    fn adapter_name(&self, weights: usize) -> String {
        let file = &self.files[weights];
        let folder = file.folder.rsplit('/').next().unwrap_or_default();
        if !folder.is_empty() {
            folder.to_owned()
        } else if [PEFT, MLX].iter().any(|usual| file.name.eq_ignore_ascii_case(usual)) {
            "My adapter".to_owned()
        } else {
            file.name.trim_end_matches(".safetensors").to_owned()
        }
    }

    /// GGUF files by model: the parts of a split one together, in their order.
    fn models(&self) -> Result<Vec<Vec<usize>>, WireError> {
        let mut groups: Vec<(Split, Vec<usize>)> = Vec::new();
        let mut alone = Vec::new();
        for place in self.ending_in(".gguf") {
            match Split::of(self.name(place)) {
                None => alone.push(vec![place]),
                Some(split) => match groups.iter_mut().find(|(of, _)| of.stem == split.stem) {
                    Some((_, group)) => group.push(place),
                    None => groups.push((split, vec![place])),
                },
            }
        }
        for (split, group) in &groups {
            let is_there = |part: u32| {
                group.iter().any(|at| Split::of(self.name(*at)).is_some_and(|split| split.part == part))
            };
            if let Some(missing) = (1..=split.count).find(|part| !is_there(*part)) {
                let Split { stem, count, .. } = split;
                let message =
                    format!("{stem} comes in {count} parts; part {missing} is missing. Choose all at once.");
                return Err(WireError::new(ErrorKind::InvalidModel, message));
            }
        }
        Ok(alone.into_iter().chain(groups.into_iter().map(|(_, group)| group)).collect())
    }
}

fn half(there: &str, missing: &str) -> WireError {
    let message =
        format!("An adapter is two files: {there} is here, {missing} is missing. Choose both at once.");
    WireError::new(ErrorKind::InvalidAdapter, message)
}

#[cfg(test)]
mod tests {
    use protocol::ItemKind;

    use super::*;

    /// Files by their paths; those without a folder were chosen by themselves.
    fn picked(paths: &[&str]) -> Vec<Picked> {
        let pick = |path: &&str| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            Picked { folder: folder.to_owned(), name: name.to_owned(), size_bytes: 7 }
        };
        paths.iter().map(pick).collect()
    }

    fn names(item: &NewItem) -> Vec<&str> {
        item.files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn files_from_disk_are_sorted_into_models_and_adapters() {
        let files = picked(&["adapter_config.json", "a.gguf", "adapter_model.safetensors"]);
        let items = from_disk(&files).expect("a model and an adapter");
        assert_eq!((items[0].kind, names(&items[0])), (ItemKind::Model, vec!["a.gguf"]));
        assert_eq!(names(&items[1]), ["adapter_model.safetensors", "adapter_config.json"]);
        assert_eq!(items[1].files[0].from, Origin::File(2));
    }

    #[test]
    fn every_format_of_adapters_is_found_by_its_names() {
        for (files, expected) in [
            (
                &["adapters.safetensors", "adapter_config.json"][..],
                ["adapters.safetensors", "adapter_config.json"],
            ),
            (&["mine.safetensors", "mine.json"], ["mine.safetensors", "mine.json"]),
            // The whole folder of a PEFT adapter, chosen file by file.
            (
                &["README.md", "adapter_config.json", "adapter_model.safetensors", "tokenizer.json"],
                ["adapter_model.safetensors", "adapter_config.json"],
            ),
            // mlx-lm leaves its checkpoints beside the last state.
            (
                &["0000100_adapters.safetensors", "adapter_config.json", "adapters.safetensors"],
                ["adapters.safetensors", "adapter_config.json"],
            ),
        ] {
            let items = from_disk(&picked(files)).expect("an adapter");
            assert_eq!((items.len(), names(&items[0])), (1, expected.to_vec()), "{files:?}");
        }
    }

    #[test]
    fn adapters_in_different_folders_come_together() {
        let files = picked(&[
            "runs/a/adapter_model.safetensors",
            "runs/a/adapter_config.json",
            "runs/a/README.md",
            "runs/b/adapters.safetensors",
            "runs/b/adapter_config.json",
            "runs/c/lora.gguf",
            "runs/c/config.json",
        ]);
        let items = from_disk(&files).expect("three things");
        let shown: Vec<_> = items.iter().map(|item| (item.name.as_str(), names(item))).collect();
        assert_eq!(
            shown,
            [("a", vec![PEFT, CONFIG]), ("b", vec![MLX, CONFIG]), ("lora", vec!["lora.gguf"]),]
        );
        assert_eq!(items[1].files[0].from, Origin::File(3));
    }

    #[test]
    fn the_parts_of_a_split_model_stay_together_and_in_order() {
        let files = picked(&["m-00002-of-00002.gguf", "m-00001-of-00002.gguf"]);
        let items = from_disk(&files).expect("a model in two parts");
        assert_eq!(names(&items[0]), ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]);
        assert_eq!(items[0].name, "m");
        let error = from_disk(&files[..1]).expect_err("half a model");
        assert!(error.message.contains("part 1 is missing"), "{}", error.message);
    }

    #[test]
    fn what_is_missing_or_odd_is_named() {
        for (names, expected) in [
            (&["adapter_model.safetensors"][..], "adapter_config.json is missing"),
            (&["adapter_config.json"], "adapters.safetensors is missing"),
            (&["x/adapter_config.json"], "adapters.safetensors is missing"),
            (&["adapter_config.json", "adapter_model.bin"], "adapter_model.bin is not read: a pickle"),
            (&["x/adapters.npz"], "adapters.npz is not read"),
            (&["a.gguf", "notes.txt"], "notes.txt is neither"),
            (&["a.safetensors", "b.safetensors", "c.json"], "several adapters"),
            (&["adapter_model.safetensors", "adapters.safetensors", "c.json"], "several adapters"),
            (&["base/config.json", "base/model.safetensors"], "The folder base holds neither"),
            (&[], "Nothing"),
        ] {
            let error = from_disk(&picked(names)).expect_err(expected);
            assert!(error.message.contains(expected), "{}", error.message);
        }
    }
}
