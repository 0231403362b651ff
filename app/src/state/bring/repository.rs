//! What a repository of the hub offers.

use protocol::{NewFile, NewItem, Origin, Repository, RepositoryFile};

use super::{CONFIG, MLX, PEFT, Split, adapter, is_gguf, model};

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

/// What a repository offers, each pinned to the commit.
pub fn offers(repository: &Repository) -> Vec<Offer> {
    let ggufs = repository.files.iter().filter(|file| is_gguf(&file.path));
    let models = ggufs.filter_map(|file| whole_model(repository, file));
    let models = models.map(|(label, files)| {
        let item = model(files.into_iter().map(new_file).collect(), repository.licence.clone());
        offer(label, item)
    });
    let adapters = repository.files.iter().filter_map(|file| whole_adapter(repository, file));
    models.chain(adapters).collect()
}

/// A model that begins with `file`, and how it is called. A split one begins with its first part, and is whole.
fn whole_model<'a>(
    repository: &'a Repository,
    file: &'a RepositoryFile,
) -> Option<(String, Vec<&'a RepositoryFile>)> {
    let Some(split) = Split::of(&file.path).filter(|split| split.count > 1) else {
        return Some((file.path.clone(), vec![file]));
    };
    (split.part == 1).then_some(())?;
    let part = |path: String| repository.files.iter().find(|file| file.path == path);
    let parts: Option<Vec<_>> = split.names().map(part).collect();
    Some((format!("{}.gguf in {} parts", split.stem, split.count), parts?))
}

/// An adapter whose weights are `weights`.
fn whole_adapter(repository: &Repository, weights: &RepositoryFile) -> Option<Offer> {
    let (folder, name) = weights.path.rsplit_once('/').unwrap_or(("", &weights.path));
    [PEFT, MLX].contains(&name).then_some(())?;
    let config_path = weights.path.strip_suffix(name).map(|folder| format!("{folder}{CONFIG}"))?;
    let config = repository.files.iter().find(|file| file.path == config_path)?;
    let called = if folder.is_empty() { &repository.id } else { folder };
    let licence = repository.licence.clone();
    let item = adapter(called.to_owned(), new_file(weights), new_file(config), licence);
    Some(offer(format!("LoRA adapter {}", weights.path), item))
}

fn new_file(file: &RepositoryFile) -> NewFile {
    NewFile {
        name: file.path.rsplit('/').next().unwrap_or(&file.path).to_owned(),
        from: Origin::Url(file.address.clone()),
        sha256: file.sha256.clone(),
        size_bytes: file.size_bytes,
    }
}

fn offer(label: String, item: NewItem) -> Offer {
    Offer { label, size_bytes: item.files.iter().map(|file| file.size_bytes).sum(), item }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_offers_whole_models_and_whole_adapters() {
        let file = |path: &str, size_bytes| RepositoryFile {
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
                file("big-00002-of-00002.gguf", 8),
                file("half-00001-of-00002.gguf", 9),
                file("x/adapter_model.safetensors", 3),
                file("x/adapter_config.json", 1),
                file("y/adapter_config.json", 1),
                file("z/adapters.safetensors", 6),
                file("z/adapter_config.json", 1),
            ],
        };
        let offers = offers(&repository);
        let shown: Vec<_> = offers.iter().map(|offer| (offer.label.as_str(), offer.size_bytes)).collect();
        assert_eq!(
            shown,
            [
                ("m.gguf", Some(5)),
                ("big.gguf in 2 parts", Some(17)),
                ("LoRA adapter x/adapter_model.safetensors", Some(4)),
                ("LoRA adapter z/adapters.safetensors", Some(7)),
            ]
        );
        assert_eq!((offers[2].item.name.as_str(), offers[2].item.licence.as_deref()), ("x", Some("mit")));
        assert_eq!(offers[1].item.name, "big");
    }
}
