//! Lists as files for spreadsheets (SPEC PGE-2).

use actix_web::HttpResponse;

use crate::web::Answer;

/// A file of comma-separated values. What a spreadsheet would take for a formula is marked as text.
pub fn file(name: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Answer {
    let mut text = line(head.iter().map(|cell| (*cell).to_owned()));
    for row in rows {
        text.push_str(&line(row));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(text))
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| quoted(&cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pge_2_cells_are_quoted_and_never_run_as_formulas() {
        assert_eq!(line(["a".into(), "b, c".into(), "d\"e".into()]), "a,\"b, c\",\"d\"\"e\"\r\n");
        assert_eq!(quoted("=1+1"), "'=1+1");
    }
}
