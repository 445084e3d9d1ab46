//! Which layer may use which, and the other rules of the house that a compiler does not know: scans `src/`,
//! `templates/` and `migrations/`, and names file and line of each breach.

#[path = "architecture/house.rs"]
mod house;
#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/scan.rs"]
mod scan;

use std::path::{Path, PathBuf};

/// A file of the repository, with its path from the root in slashes.
struct File {
    path: String,
    text: String,
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file below `folder` with one of the extensions, sorted; none if the folder is not there.
fn files(folder: &str, extensions: &[&str]) -> Vec<File> {
    fn walk(folder: &Path, extensions: &[&str], out: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.expect("a folder of the repository can be read").path();
            if path.is_dir() {
                if !path.ends_with("node_modules") && !path.ends_with("out") {
                    walk(&path, extensions, out);
                }
            } else if path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted)) {
                out.push(path);
            }
        }
    }
    let root = repository();
    let mut paths = Vec::new();
    walk(&root.join(folder), extensions, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| File {
            text: std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
            path: path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/"),
        })
        .collect()
}

fn assert_clean(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}:\n  {}\n", breaches.join("\n  "));
}
