//! What somebody brought, and what it is going by its names: a model, a model in parts, or the two files of an
//! adapter.

use protocol::{Address, ErrorKind, ItemKind, NamedBy, NewFile, NewItem, Origin, Repository, WireError};

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

/// A file from disk: its name and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Without folders.
    pub name: String,
    /// In bytes.
    pub size_bytes: u64,
}

/// Something that can be had from the hub.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What is shown: a path, or that it is an adapter.
    pub label: String,
    /// Size of its files together, where the hub says so.
    pub size_bytes: Option<u64>,
    /// What is asked for.
    pub item: NewItem,
}

/// Sorts files from disk into things to keep. The places in [`Origin::File`] are those of `files`.
///
/// # Errors
/// Names the file that is missing, or of no kind that runs here.
pub fn from_disk(files: &[Picked]) -> Result<Vec<NewItem>, WireError> {
    let lower: Vec<String> = files.iter().map(|file| file.name.to_ascii_lowercase()).collect();
    let of_kind = |ending: &str| -> Vec<usize> {
        let mut found: Vec<usize> =
            (0..files.len()).filter(|place| lower[*place].ends_with(ending)).collect();
        found.sort_by(|a, b| files[*a].name.cmp(&files[*b].name));
        found
    };
    let (models, weights, configs) = (of_kind(".gguf"), of_kind(".safetensors"), of_kind(".json"));
    let known = models.len() + weights.len() + configs.len();
    if known < files.len() || files.is_empty() {
        let odd =
            (0..files.len()).find(|at| ![&models, &weights, &configs].iter().any(|kind| kind.contains(at)));
        let name = odd.map_or("Nothing", |at| files[at].name.as_str());
        let message = format!("{name} is neither a GGUF file nor a part of a LoRA adapter.");
        return Err(WireError::new(ErrorKind::UnsupportedModel, message));
    }
    let new_file = |place: usize| NewFile {
        name: files[place].name.clone(),
        from: Origin::File(place as u32),
        sha256: None,
        size_bytes: Some(files[place].size_bytes),
    };
    let mut items = Vec::new();
    for group in split_groups(files, &models)? {
        let files: Vec<NewFile> = group.into_iter().map(new_file).collect();
        items.push(model(files, None));
    }
    match (&weights[..], &configs[..]) {
        ([], []) => {}
        ([weights], [config]) => {
            let stem = files[*weights].name.trim_end_matches(".safetensors");
            let name = if files[*weights].name == WEIGHTS { "My adapter" } else { stem };
            items.push(adapter(name.to_owned(), vec![new_file(*weights), new_file(*config)], None));
        }
        ([], _) => return Err(half(CONFIG, WEIGHTS)),
        (_, []) => return Err(half(WEIGHTS, CONFIG)),
        _ => {
            let message = "These are the files of several adapters; bring one adapter at a time.";
            return Err(WireError::new(ErrorKind::InvalidAdapter, message));
        }
    }
    Ok(items)
}

fn half(there: &str, missing: &str) -> WireError {
    let message =
        format!("An adapter is two files: {there} is here, {missing} is missing. Choose both at once.");
    WireError::new(ErrorKind::InvalidAdapter, message)
}

/// Model files by model: the parts of a split one together, in their order.
fn split_groups(files: &[Picked], models: &[usize]) -> Result<Vec<Vec<usize>>, WireError> {
    let mut groups: Vec<(String, u32, Vec<usize>)> = Vec::new();
    let mut alone = Vec::new();
    for place in models {
        match split_of(&files[*place].name) {
            None => alone.push(vec![*place]),
            Some((stem, _, count)) => match groups.iter_mut().find(|(name, ..)| *name == stem) {
                Some((_, _, group)) => group.push(*place),
                None => groups.push((stem, count, vec![*place])),
            },
        }
    }
    for (stem, count, group) in &groups {
        let is_there = |part: u32| {
            group.iter().any(|at| split_of(&files[*at].name).is_some_and(|split| split.1 == part))
        };
        if let Some(missing) = (1..=*count).find(|part| !is_there(*part)) {
            let message =
                format!("{stem} comes in {count} parts; part {missing} is missing. Choose all at once.");
            return Err(WireError::new(ErrorKind::InvalidModel, message));
        }
    }
    Ok(alone.into_iter().chain(groups.into_iter().map(|(_, _, group)| group)).collect())
}

/// `stem-00002-of-00003.gguf`
fn split_of(name: &str) -> Option<(String, u32, u32)> {
    let stem = name.strip_suffix(".gguf")?;
    let (rest, count) = stem.rsplit_once("-of-")?;
    let (stem, part) = rest.rsplit_once('-')?;
    let number = |digits: &str| (digits.len() == 5).then(|| digits.parse::<u32>().ok()).flatten();
    Some((stem.to_owned(), number(part)?, number(count)?))
        .filter(|(_, part, count)| (1..=*count).contains(part))
}

/// What an address of a model asks for.
///
/// # Errors
/// When it may not be fetched, or names no GGUF file.
pub fn model_at(text: &str) -> Result<NewItem, WireError> {
    let address = address(text)?;
    let name = address.file_name().to_owned();
    if !name.to_ascii_lowercase().ends_with(".gguf") {
        let message = format!("The address must name a .gguf file; it names {name:?}.");
        return Err(WireError::new(ErrorKind::InvalidRequest, message));
    }
    Ok(model(
        vec![NewFile {
            name,
            from: Origin::Url(address.as_str().to_owned()),
            sha256: None,
            size_bytes: None,
        }],
        None,
    ))
}

/// What an address of an adapter asks for: its folder, or one of its two files.
///
/// # Errors
/// When it may not be fetched.
pub fn adapter_at(text: &str) -> Result<NewItem, WireError> {
    let address = address(text)?;
    let text = address.as_str();
    let (path, query) = text.find(['?', '#']).map_or((text, ""), |at| text.split_at(at));
    let folder = [WEIGHTS, CONFIG].iter().find_map(|name| path.strip_suffix(name)).unwrap_or(path);
    let folder = folder.trim_end_matches('/');
    let query = query.split('#').next().unwrap_or_default();
    let file = |name: &str| NewFile {
        name: name.to_owned(),
        from: Origin::Url(format!("{folder}/{name}{query}")),
        sha256: None,
        size_bytes: None,
    };
    let name = folder.rsplit('/').next().unwrap_or(folder).to_owned();
    Ok(adapter(name, vec![file(WEIGHTS), file(CONFIG)], None))
}

fn address(text: &str) -> Result<Address, WireError> {
    Address::parse(text, NamedBy::Person)
        .map_err(|error| WireError::new(ErrorKind::InvalidRequest, sentence(&error.to_string())))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// What a repository of the hub offers, each pinned to the commit.
pub fn offers(repository: &Repository) -> Vec<Offer> {
    let new_file = |file: &protocol::RepositoryFile| NewFile {
        name: file.path.rsplit('/').next().unwrap_or(&file.path).to_owned(),
        from: Origin::Url(file.address.clone()),
        sha256: file.sha256.clone(),
        size_bytes: file.size_bytes,
    };
    let offer = |label: &str, item: NewItem| Offer {
        label: label.to_owned(),
        size_bytes: item.files.iter().map(|file| file.size_bytes).sum(),
        item,
    };
    let is_model = |file: &&protocol::RepositoryFile| {
        file.path.to_ascii_lowercase().ends_with(".gguf")
            && split_of(&file.path).is_none_or(|split| split.2 == 1)
    };
    let licence = || repository.licence.clone();
    let mut offers: Vec<Offer> = repository
        .files
        .iter()
        .filter(is_model)
        .map(|file| offer(&file.path, model(vec![new_file(file)], licence())))
        .collect();
    for weights in repository.files.iter().filter(|file| file.path.ends_with(WEIGHTS)) {
        let config_path = weights.path.replace(WEIGHTS, CONFIG);
        if let Some(config) = repository.files.iter().find(|file| file.path == config_path) {
            let folder = weights.path.trim_end_matches(WEIGHTS).trim_end_matches('/');
            let name = if folder.is_empty() { &repository.id } else { folder };
            let item = adapter(name.to_owned(), vec![new_file(weights), new_file(config)], licence());
            offers.push(offer(&format!("LoRA adapter {}", weights.path), item));
        }
    }
    offers
}

fn model(files: Vec<NewFile>, licence: Option<String>) -> NewItem {
    let name_of = |name: &str| match split_of(name) {
        Some((stem, ..)) => stem,
        None => name.trim_end_matches(".gguf").to_owned(),
    };
    let name = files.first().map(|file| name_of(&file.name)).unwrap_or_default();
    NewItem { kind: ItemKind::Model, name, licence, files }
}

fn adapter(name: String, files: Vec<NewFile>, licence: Option<String>) -> NewItem {
    NewItem { kind: ItemKind::Adapter, name, licence, files }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(names: &[&str]) -> Vec<Picked> {
        names.iter().map(|name| Picked { name: (*name).to_owned(), size_bytes: 7 }).collect()
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
            (&["adapter_config.json"], "adapter_model.safetensors is missing"),
            (&["a.gguf", "notes.txt"], "notes.txt is neither"),
            (&["a.safetensors", "b.safetensors", "c.json"], "several adapters"),
            (&[], "Nothing"),
        ] {
            let error = from_disk(&picked(names)).expect_err(expected);
            assert!(error.message.contains(expected), "{}", error.message);
        }
    }

    #[test]
    fn an_adapter_is_found_by_its_folder_or_by_either_file() {
        for text in [
            "https://h.co/o/r/resolve/main/",
            "https://h.co/o/r/resolve/main",
            "https://h.co/o/r/resolve/main/adapter_model.safetensors",
            "https://h.co/o/r/resolve/main/adapter_config.json",
        ] {
            let item = adapter_at(text).expect(text);
            let from = |at: usize| item.files[at].from.clone();
            assert_eq!(
                from(0),
                Origin::Url("https://h.co/o/r/resolve/main/adapter_model.safetensors".into())
            );
            assert_eq!(from(1), Origin::Url("https://h.co/o/r/resolve/main/adapter_config.json".into()));
        }
        let item = adapter_at("https://h.co/a/adapter_config.json?download=1").expect("an address");
        assert_eq!(
            item.files[0].from,
            Origin::Url("https://h.co/a/adapter_model.safetensors?download=1".into())
        );
    }

    #[test]
    fn an_address_must_name_a_model_that_may_be_fetched() {
        assert_eq!(model_at("https://h.co/x/m.gguf?download=true").expect("a model").name, "m");
        for text in ["https://h.co/x/m.bin", "http://h.co/m.gguf", "https://me@h.co/m.gguf", "m.gguf", ""] {
            assert_eq!(model_at(text).expect_err(text).kind, ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn a_repository_offers_whole_models_and_whole_adapters() {
        let file = |path: &str, size_bytes| protocol::RepositoryFile {
            path: path.into(),
            address: format!("https://h.co/{path}"),
            size_bytes: Some(size_bytes),
            sha256: None,
        };
        let repository = Repository {
            id: "o/r".into(),
            commit: "c".into(),
            licence: Some("mit".into()),
            wants_account: false,
            files: vec![
                file("m.gguf", 5),
                file("big-00001-of-00002.gguf", 9),
                file("x/adapter_model.safetensors", 3),
                file("x/adapter_config.json", 1),
                file("y/adapter_config.json", 1),
            ],
        };
        let offers = offers(&repository);
        let shown: Vec<_> = offers.iter().map(|offer| (offer.label.as_str(), offer.size_bytes)).collect();
        assert_eq!(shown, [("m.gguf", Some(5)), ("LoRA adapter x/adapter_model.safetensors", Some(4))]);
        assert_eq!((offers[1].item.name.as_str(), offers[1].item.licence.as_deref()), ("x", Some("mit")));
    }
}
