//! The glue to SQLite: an open file that asks its disk before it does what the system's file does.
//!
//! ```text
//! what SQLite allocates: │ methods │ watch │ the system's file … │
//! ```
//!
//! Locks and shared memory are the system's. With the power off, taking fails and letting go
//! works, so that connections can be closed.

#![expect(
    unsafe_code,
    reason = "SQLite's files are tables of C functions; this folder is the workspace's one exception"
)]

use std::ffi::{c_int, c_void};
use std::path::Path;
use std::ptr;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::ffi;

use crate::power::drive::Drive;
use crate::power::plate::Node;

/// What stands before the system's file.
#[repr(C)]
struct Watched {
    base: ffi::sqlite3_file,
    watch: *mut Watch,
}

struct Watch {
    disk: Arc<Drive>,
    node: Node,
    /// Whether the next sync is one of the folder too: SQLite does that once for each journal.
    syncs_folder: AtomicBool,
}

/// Kinds of files whose folder the system's VFS syncs with the first sync after opening them.
const JOURNALS: c_int =
    ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "two pointers"
)]
pub(super) const OWN_BYTES: c_int = size_of::<Watched>() as c_int;

/// Shared memory, but no mapped files: a write to mapped memory would pass unseen.
const VERSION: c_int = 2;

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: VERSION,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Opens a file on `disk` into the room that SQLite gives.
///
/// # Safety
///
/// `into` has room for [`OWN_BYTES`] and the system's file after them.
pub(super) unsafe fn open(
    disk: Arc<Drive>,
    path: &Path,
    into: *mut ffi::sqlite3_file,
    flags: c_int,
    open_real: impl Fn(*mut ffi::sqlite3_file) -> c_int,
) -> c_int {
    // SAFETY: room by the caller's word. Without methods SQLite does not close what failed.
    unsafe { (*into).pMethods = ptr::null() };
    // SAFETY: as above.
    let behind = unsafe { real(into) };
    match disk.open(path, || open_real(behind)) {
        Err(_) => ffi::SQLITE_IOERR,
        Ok((ffi::SQLITE_OK, node)) => {
            let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & JOURNALS != 0;
            let watch = Box::into_raw(Box::new(Watch {
                disk,
                node,
                syncs_folder: AtomicBool::new(syncs_folder),
            }));
            let base = ffi::sqlite3_file { pMethods: &METHODS };
            // SAFETY: room by the caller's word.
            unsafe { into.cast::<Watched>().write(Watched { base, watch }) };
            ffi::SQLITE_OK
        }
        Ok((failed, _)) => failed,
    }
}

/// The system's file behind ours.
///
/// # Safety
///
/// `file` points to as many bytes as the VFS registered.
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the system's file begins where ours ends.
    unsafe { file.cast::<Watched>().add(1).cast() }
}

/// What we know of an open file.
///
/// # Safety
///
/// `file` was opened by [`open`] and is not closed.
unsafe fn watch<'a>(file: *mut ffi::sqlite3_file) -> &'a Watch {
    // SAFETY: written by `open`, freed by `close`.
    unsafe { &*(*file.cast::<Watched>()).watch }
}

/// Calls a method of the system's file behind `$file`.
macro_rules! real {
    ($method:ident($file:expr $(, $argument:expr)*)) => {{
        // SAFETY: SQLite calls methods of open files only, behind which the system's file is open.
        unsafe {
            let behind = real($file);
            (*(*behind).pMethods)
                .$method
                .map_or(ffi::SQLITE_IOERR, |method| method(behind $(, $argument)*))
        }
    }};
}

/// A method that fails with `$off` when the power is off and is the system's otherwise.
macro_rules! powered {
    ($name:ident, $method:ident, $off:expr $(, $argument:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $kind)*) -> c_int {
            // SAFETY: SQLite calls methods of open files only.
            match unsafe { watch(file) }.disk.check() {
                Ok(()) => real!($method(file $(, $argument)*)),
                Err(_) => $off,
            }
        }
    };
}

/// A method that is the system's, power or not.
macro_rules! passed_on {
    ($name:ident, $method:ident $(, $argument:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $kind)*) -> c_int {
            real!($method(file $(, $argument)*))
        }
    };
}

powered!(read, xRead, ffi::SQLITE_IOERR_READ, into: *mut c_void, bytes: c_int, offset: i64);
powered!(file_size, xFileSize, ffi::SQLITE_IOERR_FSTAT, out: *mut i64);
powered!(lock, xLock, ffi::SQLITE_IOERR_LOCK, level: c_int);
powered!(
    check_reserved_lock,
    xCheckReservedLock,
    ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
    out: *mut c_int
);
powered!(
    shm_map,
    xShmMap,
    ffi::SQLITE_IOERR_SHMMAP,
    page: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void
);
passed_on!(unlock, xUnlock, level: c_int);
passed_on!(file_control, xFileControl, operation: c_int, argument: *mut c_void);
passed_on!(sector_size, xSectorSize);
passed_on!(device_characteristics, xDeviceCharacteristics);
passed_on!(shm_unmap, xShmUnmap, delete: c_int);

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    let takes = flags & ffi::SQLITE_SHM_UNLOCK == 0;
    // SAFETY: SQLite calls methods of open files only.
    if takes && unsafe { watch(file) }.disk.check().is_err() {
        return ffi::SQLITE_IOERR_SHMLOCK;
    }
    real!(xShmLock(file, offset, count, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: SQLite calls methods of open files only, behind which the system's file is open.
    unsafe {
        let behind = real(file);
        if let Some(barrier) = (*(*behind).pMethods).xShmBarrier {
            barrier(behind);
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let closed = real!(xClose(file));
    // SAFETY: made by `open`; SQLite closes a file once and uses it no more.
    let watch = unsafe { Box::from_raw((*file.cast::<Watched>()).watch) };
    watch.disk.closed();
    closed
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    let Ok(length) = usize::try_from(count) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    let Ok(at) = usize::try_from(offset) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite passes as many bytes as it says, and methods of open files only.
    let (written, Watch { disk, node, .. }) =
        unsafe { (slice::from_raw_parts(bytes.cast(), length), watch(file)) };
    disk.write(*node, at, written, || {
        real!(xWrite(file, bytes, count, offset))
    })
    .unwrap_or(ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, bytes: i64) -> c_int {
    let Ok(length) = usize::try_from(bytes) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    // SAFETY: SQLite calls methods of open files only.
    let Watch { disk, node, .. } = unsafe { watch(file) };
    disk.truncate(*node, length, || real!(xTruncate(file, bytes)))
        .unwrap_or(ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let watch = unsafe { watch(file) };
    let with_folder = watch.syncs_folder.load(Ordering::Relaxed);
    match watch.disk.sync(watch.node, with_folder) {
        Ok(()) => {
            watch.syncs_folder.store(false, Ordering::Relaxed);
            ffi::SQLITE_OK
        }
        Err(_) => ffi::SQLITE_IOERR_FSYNC,
    }
}
