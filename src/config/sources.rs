//! Where settings come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Problems;

/// What was given on the command line, by key.
pub type Flags = BTreeMap<&'static str, String>;

/// Everything that settings are read from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The command line.
    pub flags: Flags,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The configuration file: its name and text.
    pub file: Option<(PathBuf, String)>,
}

impl Sources {
    /// The command line, this process's environment, and the file that one of them names.
    pub fn gather(flags: Flags, config_flag: Option<PathBuf>) -> Result<Self, Problems> {
        // Names and values that are no text cannot be ours.
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let path = config_flag
            .or_else(|| env.get("LATCHKEY_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        let file = match path {
            None => None,
            Some(path) => match std::fs::read_to_string(&path) {
                Ok(text) => Some((path, text)),
                Err(error) => {
                    return Err(Problems(vec![format!(
                        "the configuration file {} cannot be read: {error}",
                        path.display()
                    )]));
                }
            },
        };
        Ok(Self { flags, env, file })
    }
}
