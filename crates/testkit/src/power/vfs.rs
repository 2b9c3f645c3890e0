//! The glue to SQLite: a VFS that is the system's, but for files in a folder on a [`Disk`].
//!
//! [`Disk`]: crate::power::Disk

#![expect(
    unsafe_code,
    reason = "SQLite's VFS is a table of C functions; this folder is the workspace's one exception"
)]

use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rusqlite::ffi;

use crate::power::drive::Drive;
use crate::power::file;

const NAME: &CStr = c"koumen-power";

/// The system's own VFS; null before the first mount.
static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// The disks of this process by their folder.
static DISKS: Mutex<BTreeMap<PathBuf, Weak<Drive>>> = Mutex::new(BTreeMap::new());

/// Leads every connection that is opened from now on into `folder` to `disk`.
pub(super) fn mount(folder: PathBuf, disk: &Arc<Drive>) -> io::Result<()> {
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    if REAL.load(Ordering::Acquire).is_null() {
        register()?;
    }
    disks.retain(|_, disk| disk.strong_count() > 0);
    disks.insert(folder, Arc::downgrade(disk));
    Ok(())
}

/// Makes a copy of the system's VFS with three functions of ours the default, for ever.
fn register() -> io::Result<()> {
    // SAFETY: a null name asks for the default VFS, which SQLite keeps for ever.
    let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    if real.is_null() {
        return Err(io::Error::other("SQLite has no VFS"));
    }
    // SAFETY: not null, and SQLite changes nothing in it but the link that is reset below.
    let mut ours = unsafe { *real };
    ours.pNext = ptr::null_mut();
    ours.zName = NAME.as_ptr();
    ours.szOsFile += file::OWN_BYTES;
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    ours.xAccess = Some(access);
    REAL.store(real, Ordering::Release);
    // SAFETY: the table is leaked, so it lives as long as SQLite may use it.
    let done = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1) };
    if done == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(io::Error::other(format!("SQLite refused the VFS: {done}")))
    }
}

/// The disk under the file of this name, if it lies in a mounted folder.
///
/// # Safety
///
/// `name` is null or a C string.
unsafe fn find_disk<'a>(name: *const c_char) -> Option<(Arc<Drive>, &'a Path)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, so a C string by the caller's word.
    let name = unsafe { CStr::from_ptr(name) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let disk = disks.get(path.parent()?)?.upgrade()?;
    Some((disk, path))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    into: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let real = REAL.load(Ordering::Acquire);
    let open_real = |into: *mut ffi::sqlite3_file| {
        // SAFETY: the arguments are SQLite's own; `into` has room for the system's file, because
        // the size that was registered is the system's and ours together.
        unsafe {
            (*real)
                .xOpen
                .map_or(ffi::SQLITE_IOERR, |f| f(real, name, into, flags, out_flags))
        }
    };
    // SAFETY: SQLite passes null or a C string.
    match unsafe { find_disk(name) } {
        None => open_real(into),
        // SAFETY: SQLite passes room for as many bytes as were registered.
        Some((disk, path)) => unsafe { file::open(disk, path, into, flags, open_real) },
    }
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    let real = REAL.load(Ordering::Acquire);
    // SAFETY: SQLite's own arguments, passed on unchanged.
    let run = || unsafe {
        (*real)
            .xDelete
            .map_or(ffi::SQLITE_IOERR, |f| f(real, name, sync_folder))
    };
    // SAFETY: SQLite passes a C string.
    match unsafe { find_disk(name) } {
        None => run(),
        Some((disk, path)) => disk
            .delete(path, sync_folder != 0, run)
            .unwrap_or(ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a C string.
    if let Some((disk, _)) = unsafe { find_disk(name) }
        && disk.check().is_err()
    {
        return ffi::SQLITE_IOERR_ACCESS;
    }
    let real = REAL.load(Ordering::Acquire);
    // SAFETY: SQLite's own arguments, passed on unchanged.
    unsafe {
        (*real)
            .xAccess
            .map_or(ffi::SQLITE_IOERR, |f| f(real, name, flags, out))
    }
}
