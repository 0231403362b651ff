//! A folder of the origin private file system.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemSyncAccessHandle,
};

use super::text_of;

pub(super) struct Folder(FileSystemDirectoryHandle);

impl Folder {
    pub(super) fn of(handle: JsValue) -> Self {
        Self(handle.unchecked_into())
    }

    /// A folder in it, made if it is not there.
    pub(super) async fn folder(&self, name: &str) -> Result<Self, String> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let handle = JsFuture::from(self.0.get_directory_handle_with_options(name, &options)).await;
        handle.map(Self::of).map_err(|error| text_of(&error))
    }

    /// The names of what is in it.
    pub(super) async fn names(&self) -> Result<Vec<String>, String> {
        let keys = self.0.keys();
        let mut names = Vec::new();
        loop {
            let next = keys.next().map_err(|error| text_of(&error))?;
            let next = JsFuture::from(next).await.map_err(|error| text_of(&error))?;
            if Reflect::get(&next, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                return Ok(names);
            }
            names.extend(Reflect::get(&next, &"value".into()).ok().and_then(|name| name.as_string()));
        }
    }

    /// A file in it, to be read.
    pub(super) async fn file(&self, name: &str) -> Option<File> {
        let handle: FileSystemFileHandle =
            JsFuture::from(self.0.get_file_handle(name)).await.ok()?.unchecked_into();
        JsFuture::from(handle.get_file()).await.ok().map(JsCast::unchecked_into)
    }

    /// What a file says.
    pub(super) async fn text(&self, name: &str) -> Option<String> {
        let file = self.file(name).await?;
        JsFuture::from(file.text()).await.ok()?.as_string()
    }

    /// A file in it, open for reading and writing; made if it is not there.
    pub(super) async fn open(&self, name: &str) -> Result<FileSystemSyncAccessHandle, String> {
        let handle = self.handle(name).await?;
        let handle = JsFuture::from(handle.create_sync_access_handle()).await;
        handle.map(JsCast::unchecked_into).map_err(|error| text_of(&error))
    }

    async fn handle(&self, name: &str) -> Result<FileSystemFileHandle, String> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle = JsFuture::from(self.0.get_file_handle_with_options(name, &options)).await;
        handle.map(JsCast::unchecked_into).map_err(|error| text_of(&error))
    }

    /// Writes a small file anew.
    pub(super) async fn write(&self, name: &str, content: &[u8]) -> Result<(), String> {
        let handle = self.open(name).await?;
        let written = handle
            .truncate_with_f64(0.0)
            .and_then(|()| handle.write_with_u8_array(content))
            .and_then(|_| handle.flush());
        handle.close();
        written.map_err(|error| text_of(&error))
    }

    /// Moves a file to another folder.
    pub(super) async fn rename(&self, name: &str, to: &Self, new_name: &str) -> Result<(), String> {
        let handle = self.handle(name).await?;
        // `move` is in every engine's file system and not yet in these bindings.
        let method: Function = Reflect::get(&handle, &"move".into())
            .ok()
            .and_then(|method| method.dyn_into().ok())
            .ok_or_else(|| "this browser cannot rename stored files".to_owned())?;
        let moving = Reflect::apply(&method, &handle, &Array::of2(&to.0, &new_name.into()));
        let moving = moving.map_err(|error| text_of(&error))?.unchecked_into::<js_sys::Promise>();
        JsFuture::from(moving).await.map(drop).map_err(|error| text_of(&error))
    }

    /// Deletes a file; one that is not there is no error.
    pub(super) async fn remove(&self, name: &str) -> Result<(), String> {
        match JsFuture::from(self.0.remove_entry(name)).await {
            Err(error) if !is_not_found(&error) => Err(text_of(&error)),
            _ => Ok(()),
        }
    }
}

fn is_not_found(error: &JsValue) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|name| name == "NotFoundError")
}
