//! Embeds everything under `static/` in the binary: writes a table of name, content hash, type and bytes that
//! `src/web/assets.rs` includes, so that a served file's address changes whenever its content does.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let base = Path::new(&root).join("static");
    println!("cargo::rerun-if-changed=static");
    // `embed_migrations!` reads files that cargo does not watch; without this an edited migration stays the old one.
    println!("cargo::rerun-if-changed=migrations");

    let mut files = Vec::new();
    walk(&base, &mut files)?;
    // A file is known by its bare name, wherever it lies, so that addresses stay flat.
    files.sort_by(|a, b| a.0.cmp(&b.0));

    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for (name, path) in &files {
        let Some(content_type) = content_type(name) else {
            continue;
        };
        let hash = fnv1a(&fs::read(path)?);
        let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
        let file = format!("{stem}.{hash:016x}.{ext}");
        writeln!(
            code,
            "    Asset {{ name: {name:?}, file: {file:?}, url: {:?}, content_type: {content_type:?}, bytes: include_bytes!({path:?}) }},",
            format!("/assets/{file}"),
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&out).join("assets.rs"), code)
}

fn walk(folder: &Path, into: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if path.is_dir() {
            walk(&path, into)?;
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            into.push((
                entry.file_name().to_string_lossy().into_owned(),
                path.to_string_lossy().into_owned(),
            ));
        }
    }
    Ok(())
}

/// `None` for what is kept in `static/` but not served (licences, lists).
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// FNV-1a: the hash only has to change with the content, so it needs no dependency.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
