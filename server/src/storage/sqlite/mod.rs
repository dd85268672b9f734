//! All of storage in one SQLite file, `yodel.db` in the data folder.
//!
//! The file is in WAL mode: readers never wait for the writer. There is one connection that writes, and its transactions
//! begin as `IMMEDIATE`, so none of them can fail half way because another one wrote first. A commit is on the disk
//! (`synchronous = FULL`) before it is acknowledged.

mod accounts;
mod blocks;
mod call_log;
mod groups;
mod sessions;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, Sqlite, SqlitePool, Transaction};

use crate::storage::{Probe, StorageError, Stored};

/// How long a statement waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that read at once. Each is a thread.
const READERS: u32 = 4;

/// The database, opened.
#[derive(Debug)]
pub struct SqliteStorage {
    writer: SqlitePool,
    readers: SqlitePool,
    file: PathBuf,
    opened: Option<FileIdentity>,
    /// Held for as long as the storage is open: two servers on one folder would each believe to know every call.
    _lock: File,
}

/// Why the data folder or the database in it could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStorageError {
    /// The folder or a file in it cannot be created or written to.
    #[error(
        "cannot write to the data folder {} (choose a folder that this user may write to with --data)",
        folder.display()
    )]
    Unwritable {
        /// The data folder.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another server has it open.
    #[error(
        "another yodel is using the data folder {}. Stop it first, or choose another folder with --data",
        folder.display()
    )]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// Another program holds a lock on the file.
    #[error(
        "the database {} is locked by another program. Close whatever has it open (a backup or a database browser, \
         perhaps) and start again",
        file.display()
    )]
    Locked {
        /// The database.
        file: PathBuf,
    },
    /// A newer version of the program has changed the tables.
    #[error("the database {} was made by a newer yodel. Start that version, or choose another folder with --data", file.display())]
    Newer {
        /// The database.
        file: PathBuf,
    },
    /// The file is something else, or broken.
    #[error(
        "cannot open the database {} (if the file is damaged, move it away and put a backup in its place)",
        file.display()
    )]
    Unreadable {
        /// The database.
        file: PathBuf,
        /// What SQLite says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SqliteStorage {
    /// Open the database in this folder. Both are made if they are missing, and then only this user may read them.
    pub async fn open(folder: &Path) -> Result<Self, OpenStorageError> {
        let lock = lock_folder(folder)?;
        let file = folder.join("yodel.db");
        create_private_file(&file).map_err(|source| unwritable(folder, source))?;

        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await
            .map_err(|error| cannot_open(&file, error))?;
        migrator()
            .run(&writer)
            .await
            .map_err(|error| cannot_migrate(&file, error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.read_only(true))
            .await
            .map_err(|error| cannot_open(&file, error))?;
        Ok(Self {
            writer,
            readers,
            opened: FileIdentity::of(&file),
            file,
            _lock: lock,
        })
    }

    /// Finish what is being written and close the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Begin to write.
    ///
    /// When the disk is full, SQLite ends a transaction by itself (<https://sqlite.org/lang_transaction.html>, "Response to errors within a
    /// transaction"). The driver does not notice, and begins none on that connection any more: another one takes its place.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        match self.writer.begin_with(BEGIN).await {
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(BEGIN).await
            }
            begun => begun,
        }
    }
}

impl Probe for SqliteStorage {
    fn probe(&self) -> Stored<'_, ()> {
        Box::pin(async move {
            sqlx::query("SELECT 1 FROM people LIMIT 1")
                .fetch_optional(&self.readers)
                .await?;
            // Whoever can begin has the lock of the file.
            self.write().await?.rollback().await?;
            // A file that is open can be written to even if no path leads to it any more.
            if FileIdentity::of(&self.file) != self.opened {
                return Err(StorageError::Moved {
                    file: self.file.clone(),
                });
            }
            Ok(())
        })
    }
}

/// The tables, step by step. A step that has been released is never changed.
fn migrator() -> Migrator {
    let steps = [
        (
            "people, sessions, calls",
            include_str!("../../../migrations/0001_people_sessions_calls.sql"),
        ),
        ("groups", include_str!("../../../migrations/0002_groups.sql")),
        ("blocks", include_str!("../../../migrations/0003_blocks.sql")),
        (
            "running calls",
            include_str!("../../../migrations/0004_running_calls.sql"),
        ),
    ];
    let migrations = (1..).zip(steps).map(|(version, (name, sql))| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

fn lock_folder(folder: &Path) -> Result<File, OpenStorageError> {
    create_private_folder(folder).map_err(|source| unwritable(folder, source))?;
    let lock =
        create_private_file(&folder.join("yodel.lock")).map_err(|source| unwritable(folder, source))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenStorageError::InUse {
            folder: folder.into(),
        }),
        Err(TryLockError::Error(source)) => Err(unwritable(folder, source)),
    }
}

/// Make a folder that only this user may look into. One that exists is left as it is.
fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Open a file for writing; if it is missing, make one that only this user may read. (SQLite gives the files that it
/// puts beside a database the permissions of the database.)
fn create_private_file(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))
}

/// Which file a path leads to. Where nothing tells, a file that is open can be neither moved nor removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// By asking, and not by opening it: SQLite's locks would be gone when it is closed again.
    #[cfg(unix)]
    fn of(file: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(file).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }
}

fn unwritable(folder: &Path, source: io::Error) -> OpenStorageError {
    OpenStorageError::Unwritable {
        folder: folder.into(),
        source,
    }
}

fn cannot_open(file: &Path, error: sqlx::Error) -> OpenStorageError {
    if is_locked(&error) {
        return OpenStorageError::Locked { file: file.into() };
    }
    OpenStorageError::Unreadable {
        file: file.into(),
        source: error.into(),
    }
}

fn cannot_migrate(file: &Path, error: sqlx::migrate::MigrateError) -> OpenStorageError {
    use sqlx::migrate::MigrateError;

    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => cannot_open(file, error),
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
            OpenStorageError::Newer { file: file.into() }
        }
        other => OpenStorageError::Unreadable {
            file: file.into(),
            source: other.into(),
        },
    }
}

/// SQLITE_BUSY (5) or SQLITE_LOCKED (6), in any of their extended forms (<https://sqlite.org/rescode.html>); or the one
/// connection that writes was not free in time.
fn is_locked(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok());
            code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
        }
        _ => false,
    }
}
