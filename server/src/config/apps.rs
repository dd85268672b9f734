//! The apps, as an operator writes them down. No mistake in them shows a secret.

use std::str::FromStr;

use serde::Deserialize;

use super::values::ValueError;
use crate::apps::{AppId, Apps, Secret};

/// On a command line: `ID:SECRET`, several separated by commas.
impl FromStr for Apps {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let mut apps = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (id, secret) = entry.split_once(':').ok_or(ValueError::Apps)?;
            add(&mut apps, id.trim().parse().ok(), secret)?;
        }
        Ok(apps)
    }
}

/// In the file: tables `[[apps]]`, each with an `id` and a list of `secrets`.
///
/// They are taken apart by hand, because what a library says of a wrong value is the value.
#[derive(Debug, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) struct AppTables(Apps);

impl TryFrom<toml::Value> for AppTables {
    type Error = ValueError;

    fn try_from(value: toml::Value) -> Result<Self, ValueError> {
        let mut apps = Apps::default();
        for table in value.as_array().ok_or(ValueError::AppTables)? {
            let table = table.as_table().ok_or(ValueError::AppTables)?;
            if table.keys().any(|key| key != "id" && key != "secrets") {
                return Err(ValueError::AppTables);
            }
            let id = table.get("id").and_then(toml::Value::as_integer);
            let id = id.and_then(|id| AppId::new(u32::try_from(id).ok()?));
            let secrets = table.get("secrets").and_then(toml::Value::as_array);
            let secrets = secrets
                .filter(|secrets| !secrets.is_empty())
                .ok_or(ValueError::AppTables)?;
            for secret in secrets {
                let secret = secret.as_str().ok_or(ValueError::AppTables)?;
                add(&mut apps, id, secret).map_err(|_| ValueError::AppTables)?;
            }
        }
        Ok(Self(apps))
    }
}

impl From<AppTables> for Apps {
    fn from(tables: AppTables) -> Self {
        tables.0
    }
}

fn add(apps: &mut Apps, id: Option<AppId>, secret: &str) -> Result<(), ValueError> {
    let id = id.ok_or(ValueError::Apps)?;
    apps.add(id, Secret::new(secret).ok_or(ValueError::Apps)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apps(entries: &[(u32, &str)]) -> Apps {
        let mut apps = Apps::default();
        for (id, secret) in entries {
            apps.add(AppId::new(*id).unwrap(), Secret::new(secret).unwrap());
        }
        apps
    }

    #[test]
    fn on_a_command_line_apps_are_separated_by_commas() {
        assert_eq!("".parse(), Ok(Apps::default()));
        assert_eq!(
            "1400000001:a:b, 2:c==,".parse(),
            Ok(apps(&[(1_400_000_001, "a:b"), (2, "c==")]))
        );
        assert_eq!("1:new,1:old".parse(), Ok(apps(&[(1, "new"), (1, "old")])));
        for bad in ["1", "1:", "1: ", ":hidden", "0:hidden", "x:hidden", "1:a,hidden"] {
            let error = bad.parse::<Apps>().unwrap_err();
            assert_eq!(error, ValueError::Apps, "{bad}");
            assert!(!error.to_string().contains("hidden"), "{error}");
        }
    }

    #[test]
    fn in_the_file_each_app_is_a_table() {
        #[derive(Debug, Deserialize)]
        struct File {
            apps: AppTables,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| Apps::from(file.apps));
        assert_eq!(
            read("[[apps]]\nid = 5\nsecrets = ['new', 'old']\n[[apps]]\nid = 6\nsecrets = ['x']\n").unwrap(),
            apps(&[(5, "new"), (5, "old"), (6, "x")])
        );
        for bad in [
            "apps = 'hidden'",
            "apps = ['5:hidden']",
            "[[apps]]\nid = 5\nsecrets = 'hidden'",
            "[[apps]]\nid = 5\nsecrets = [['hidden']]",
            "[[apps]]\nid = 5\nsecrets = []",
            "[[apps]]\nid = 5\nsecrets = ['']",
            "[[apps]]\nid = 5",
            "[[apps]]\nid = '5'\nsecrets = ['hidden']",
            "[[apps]]\nid = 0\nsecrets = ['hidden']",
            "[[apps]]\nid = 5000000000\nsecrets = ['hidden']",
            "[[apps]]\nid = 5\nsecrets = ['a']\nsecret = 'hidden'",
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.message().contains("[[apps]]"), "{bad}: {error}");
            assert!(!error.message().contains("hidden"), "{bad}: {error}");
        }
    }
}
