//! The server's database, read while nobody writes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

/// Opened for reading.
pub(crate) struct Database(SqliteConnection);

impl Database {
    /// The one in this data folder.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub(crate) async fn open(data: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(data.join("yodel.db"));
        Ok(Self(options.read_only(true).connect().await?))
    }

    /// Whether every page and every index is as it should be (`PRAGMA integrity_check`).
    ///
    /// # Errors
    ///
    /// If it cannot be read at all.
    pub(crate) async fn is_whole(&mut self) -> Result<bool> {
        let found: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(&mut self.0)
            .await?;
        let broken: Vec<(String,)> = sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check")
            .fetch_all(&mut self.0)
            .await?;
        Ok(found == "ok" && broken.is_empty())
    }

    /// How many rows each table has.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) async fn rows(&mut self) -> Result<BTreeMap<String, u64>> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )
        .fetch_all(&mut self.0)
        .await?;
        let mut rows = BTreeMap::new();
        for table in tables {
            // The name comes from the database itself.
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\"")))
                .fetch_one(&mut self.0)
                .await?;
            rows.insert(table, u64::try_from(count)?);
        }
        Ok(rows)
    }

    /// How many lines the history has of each call.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) async fn history(&mut self) -> Result<BTreeMap<String, i64>> {
        let lines: Vec<(String, i64)> =
            sqlx::query_as("SELECT call_id, COUNT(*) FROM calls GROUP BY call_id")
                .fetch_all(&mut self.0)
                .await?;
        Ok(lines.into_iter().collect())
    }
}
