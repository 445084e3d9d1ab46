//! Forms with a file, as browsers send them (RFC 7578): read whole, because the gate limits their size and looks at
//! their token before anything else happens.

/// A file that was sent along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name, without folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The fields of a form, and its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// The file, if one was chosen.
    pub file: Option<Upload>,
}

/// The boundary that a content type names.
pub fn boundary(content_type: &str) -> Option<&str> {
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parts.find_map(|p| {
        let (name, value) = p.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (!named.is_empty() && named.len() <= 70).then_some(named)
}

fn position(of: &[u8], within: &[u8]) -> Option<usize> {
    within.windows(of.len()).position(|window| window == of)
}

/// Reads the parts; `None` if it is no such form.
pub fn read(bytes: &[u8], boundary: &str) -> Option<Parts> {
    let opening = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = bytes.get(position(opening.as_bytes(), bytes)? + opening.len()..)?;
    let mut parts = Parts::default();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = position(b"\r\n\r\n", rest)?;
        let head = std::str::from_utf8(rest.get(..end)?).ok()?;
        let body = rest.get(end + 4..)?;
        let length = position(between.as_bytes(), body)?;
        let value = body.get(..length)?;
        let disposition =
            head.split("\r\n").find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = parameter(disposition, "name")?;
        match parameter(disposition, "filename") {
            // A field for a file in which none was chosen.
            Some(file) if file.is_empty() && value.is_empty() => {}
            Some(_) if parts.file.is_some() => return None,
            Some(file) => {
                let name = file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                parts.file = Some(Upload { name, bytes: value.to_vec() });
            }
            None => parts.fields.push((name, std::str::from_utf8(value).ok()?.to_owned())),
        }
        rest = body.get(length + between.len()..)?;
    }
}

/// A parameter of a header, such as `name="file"`.
fn parameter(line: &str, name: &str) -> Option<String> {
    line.split(';').skip(1).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\people.csv\"\r\nContent-Type: text/csv\r\n\r\nE-mail\r\na@x.example\r\n\r\n--x--\r\n";

    #[test]
    fn dir_3_fields_and_a_file() {
        let parts = read(FORM.as_bytes(), "x").unwrap();
        assert_eq!(parts.fields, [("csrf".to_owned(), "abc".to_owned())]);
        let file = parts.file.unwrap();
        assert_eq!(file.name, "people.csv");
        assert_eq!(file.bytes, b"E-mail\r\na@x.example\r\n");
        assert_eq!(boundary("multipart/form-data; boundary=\"x\""), Some("x"));
        assert_eq!(boundary("text/plain; boundary=x"), None);
    }

    #[test]
    fn dir_3_what_is_cut_off_is_no_form() {
        for end in 0..FORM.len() - 6 {
            assert_eq!(read(&FORM.as_bytes()[..end], "x"), None, "{end}");
        }
    }
}
