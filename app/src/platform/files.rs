//! Files and folders from disk: chosen or dropped.

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DragEvent, Event, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry, HtmlInputElement,
};

/// The most entries of dropped folders that are looked at.
const MOST_ENTRIES: usize = 5_000;
/// How deep folders in dropped folders are looked into.
const MOST_DEPTH: usize = 6;

/// A file from disk that somebody chose.
#[derive(Debug, Clone)]
pub struct PickedFile {
    file: File,
    folder: String,
}

impl PickedFile {
    /// The file as the browser has it.
    pub(crate) fn new(file: File) -> Self {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        let folder = path.and_then(|path| path.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
        Self { file, folder: folder.unwrap_or_default() }
    }

    /// The file as the browser has it.
    pub(crate) fn blob(&self) -> File {
        self.file.clone()
    }

    /// The folder that was chosen and those in it, down to the file's, between slashes; empty for a file that was chosen
    /// itself.
    pub fn folder(&self) -> String {
        self.folder.clone()
    }

    /// Its name, without folders.
    pub fn name(&self) -> String {
        self.file.name()
    }

    /// Its size.
    pub fn size_bytes(&self) -> u64 {
        self.file.size() as u64
    }
}

/// The files in the field that an event comes from; the field is empty afterwards, so that the same can be chosen
/// again.
pub fn picked_files(event: &Event) -> Vec<PickedFile> {
    let Some(field) = event.target().map(JsCast::unchecked_into::<HtmlInputElement>) else {
        return Vec::new();
    };
    let files = files_of(field.files());
    field.set_value("");
    files
}

/// What was dropped: files, and folders that are still to be read.
#[derive(Debug)]
pub struct Dropped {
    files: Vec<PickedFile>,
    folders: Vec<FileSystemDirectoryEntry>,
}

/// What was dropped. The browser tells it only while the event lasts.
pub fn dropped(event: &DragEvent) -> Dropped {
    let Some(transfer) = event.data_transfer() else {
        return Dropped { files: Vec::new(), folders: Vec::new() };
    };
    let items = transfer.items();
    let entries = (0..items.length()).filter_map(|at| items.get(at)?.webkit_get_as_entry().ok().flatten());
    let folders: Vec<FileSystemDirectoryEntry> =
        entries.filter(FileSystemEntry::is_directory).map(JsCast::unchecked_into).collect();
    // A folder is in the list of files too, as a file that cannot be read.
    let is_file = |file: &PickedFile| !folders.iter().any(|folder| folder.name() == file.name());
    let mut files = files_of(transfer.files());
    files.retain(is_file);
    Dropped { files, folders }
}

impl Dropped {
    /// The files, and those files of the folders whose names are `wanted`.
    ///
    /// # Errors
    /// One sentence, when a folder cannot be read or holds too much.
    pub async fn files(self, wanted: fn(&str) -> bool) -> Result<Vec<PickedFile>, String> {
        let Self { mut files, folders } = self;
        let mut waiting: Vec<_> = folders.into_iter().map(|folder| (folder.name(), 1, folder)).collect();
        let mut seen = 0;
        while let Some((path, depth, folder)) = waiting.pop() {
            let reader = folder.create_reader();
            loop {
                let entries = read_entries(&reader).await.map_err(|_| format!("{path} cannot be read."))?;
                if entries.is_empty() {
                    break;
                }
                seen += entries.len();
                if seen > MOST_ENTRIES {
                    return Err(format!(
                        "What was dropped holds more than {MOST_ENTRIES} files; drop the folder of the model or adapter \
                         itself."
                    ));
                }
                for entry in entries {
                    let name = entry.name();
                    if entry.is_directory() && depth < MOST_DEPTH {
                        waiting.push((format!("{path}/{name}"), depth + 1, entry.unchecked_into()));
                    } else if entry.is_file() && wanted(&name) {
                        let file = read_file(&entry.unchecked_into()).await;
                        let file = file.map_err(|_| format!("{path}/{name} cannot be read."))?;
                        files.push(PickedFile { file, folder: path.clone() });
                    }
                }
            }
        }
        Ok(files)
    }
}

/// The next entries of a folder; none when all have come.
async fn read_entries(reader: &FileSystemDirectoryReader) -> Result<Vec<FileSystemEntry>, JsValue> {
    let entries = JsFuture::from(Promise::new(&mut |resolve, reject| {
        let (done, failed) = (resolve.unchecked_ref(), reject.clone());
        if let Err(error) = reader.read_entries_with_callback_and_callback(done, reject.unchecked_ref()) {
            // Rejecting a promise does not fail.
            let _ = failed.call1(&JsValue::NULL, &error);
        }
    }));
    Ok(entries.await?.unchecked_into::<Array>().iter().map(JsCast::unchecked_into).collect())
}

async fn read_file(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = JsFuture::from(Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(resolve.unchecked_ref(), reject.unchecked_ref());
    }));
    file.await.map(JsCast::unchecked_into)
}

fn files_of(list: Option<FileList>) -> Vec<PickedFile> {
    list.map_or_else(Vec::new, |list| {
        (0..list.length()).filter_map(|at| list.get(at)).map(PickedFile::new).collect()
    })
}
