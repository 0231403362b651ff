//! Addresses that somebody typed.

use protocol::{Address, ErrorKind, NamedBy, NewFile, NewItem, Origin, WireError};

use super::{CONFIG, MLX, PEFT, Split, adapter, is_gguf, model};

/// What an address of a GGUF file asks for; of one part of a split model, all parts.
///
/// # Errors
/// When it may not be fetched, or names no GGUF file.
pub fn model_at(text: &str) -> Result<Vec<NewItem>, WireError> {
    let parts = Parts::of(text)?;
    if !is_gguf(parts.name) {
        let message = format!("The address must name a .gguf file; it names {:?}.", parts.name);
        return Err(WireError::new(ErrorKind::InvalidRequest, message));
    }
    Ok(vec![parts.model()])
}

/// What an address of an adapter may ask for: a GGUF file, one of an adapter's two files, or its folder. The first
/// reading of which the host has all files is the right one.
///
/// # Errors
/// When it may not be fetched.
pub fn adapter_at(text: &str) -> Result<Vec<NewItem>, WireError> {
    let parts = Parts::of(text)?;
    if is_gguf(parts.name) {
        return Ok(vec![parts.model()]);
    }
    let (folder, weights) = match parts.name {
        PEFT => (parts.folder, &[PEFT][..]),
        MLX => (parts.folder, &[MLX][..]),
        CONFIG => (parts.folder, &[PEFT, MLX][..]),
        _ => (parts.path.trim_end_matches('/'), &[PEFT, MLX][..]),
    };
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let file = |name: &str| parts.file(folder, name);
    Ok(weights.iter().map(|weights| adapter(name.to_owned(), file(weights), file(CONFIG), None)).collect())
}

/// An address in its parts.
struct Parts<'a> {
    /// All before the query.
    path: &'a str,
    /// All before the file's name, without the last slash.
    folder: &'a str,
    name: &'a str,
    /// With its question mark; empty where there is none.
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, WireError> {
        let text = text.trim();
        let address = Address::parse(text, NamedBy::Person)
            .map_err(|error| WireError::new(ErrorKind::InvalidRequest, sentence(&error.to_string())))?;
        let (path, rest) = text.find(['?', '#']).map_or((text, ""), |at| text.split_at(at));
        let name = &path[path.len() - address.file_name().len()..];
        let folder = path[..path.len() - name.len()].trim_end_matches('/');
        Ok(Self { path, folder, name, query: rest.split('#').next().unwrap_or_default() })
    }

    fn file(&self, folder: &str, name: &str) -> NewFile {
        NewFile {
            name: name.to_owned(),
            from: Origin::Url(format!("{folder}/{name}{}", self.query)),
            sha256: None,
            size_bytes: None,
        }
    }

    fn model(&self) -> NewItem {
        let names =
            Split::of(self.name).map_or_else(|| vec![self.name.to_owned()], |split| split.names().collect());
        model(names.iter().map(|name| self.file(self.folder, name)).collect(), None)
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(item: &NewItem) -> Vec<String> {
        let address = |file: &NewFile| match &file.from {
            Origin::Url(text) => text.clone(),
            Origin::File(_) => panic!("{file:?} is no address"),
        };
        item.files.iter().map(address).collect()
    }

    #[test]
    fn an_adapter_is_found_by_its_folder_or_by_any_of_its_files() {
        let base = "https://h.co/o/r/resolve/main";
        let of = |weights: &str| vec![format!("{base}/{weights}"), format!("{base}/adapter_config.json")];
        for (text, expected) in [
            ("/", vec![of(PEFT), of(MLX)]),
            ("", vec![of(PEFT), of(MLX)]),
            ("/adapter_config.json", vec![of(PEFT), of(MLX)]),
            ("/adapter_model.safetensors", vec![of(PEFT)]),
            ("/adapters.safetensors", vec![of(MLX)]),
            ("/lora.gguf", vec![vec![format!("{base}/lora.gguf")]]),
        ] {
            let readings = adapter_at(&format!("{base}{text}")).expect(text);
            assert_eq!(readings.iter().map(addresses).collect::<Vec<_>>(), expected, "{text}");
        }
        let readings = adapter_at(" https://h.co/a/adapter_config.json?download=1#x ").expect("an address");
        assert_eq!(addresses(&readings[0])[0], "https://h.co/a/adapter_model.safetensors?download=1");
        assert_eq!(readings[0].name, "a");
    }

    #[test]
    fn an_address_must_name_a_model_that_may_be_fetched() {
        let readings = model_at("https://h.co/x/m.gguf?download=true").expect("a model");
        assert_eq!((readings.len(), readings[0].name.as_str()), (1, "m"));
        assert_eq!(addresses(&readings[0]), ["https://h.co/x/m.gguf?download=true"]);
        for text in ["https://h.co/x/m.bin", "http://h.co/m.gguf", "https://me@h.co/m.gguf", "m.gguf", ""] {
            assert_eq!(model_at(text).expect_err(text).kind, ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn one_part_of_a_split_model_stands_for_all() {
        let readings = model_at("https://h.co/x/m-00002-of-00003.gguf").expect("a model");
        let expected = (1..=3).map(|part| format!("https://h.co/x/m-0000{part}-of-00003.gguf"));
        assert_eq!(addresses(&readings[0]), expected.collect::<Vec<_>>());
        assert_eq!(readings[0].name, "m");
    }
}
