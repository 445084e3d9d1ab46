//! Lists as CSV files (SPEC PGE-2).

use actix_web::HttpResponse;
use actix_web::http::header;

use super::Answer;

/// A CSV file that grows row by row.
#[derive(Debug)]
pub struct Csv {
    text: String,
}

impl Csv {
    /// A file with these columns. It begins with a byte order mark, by which spreadsheets know that it is UTF-8.
    pub fn new(columns: &[&str]) -> Self {
        let mut csv = Self { text: "\u{FEFF}".to_owned() };
        csv.row(columns.iter().copied());
        csv
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.text.push(',');
            }
            self.cell(cell.as_ref());
        }
        self.text.push_str("\r\n");
    }

    /// A spreadsheet would run a cell that begins with one of these as a formula, and anybody can give
    /// themselves such a name, so a quote goes before it.
    fn cell(&mut self, value: &str) {
        let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        self.text.push('"');
        if formula {
            self.text.push('\'');
        }
        self.text.push_str(&value.replace('"', "\"\""));
        self.text.push('"');
    }

    /// The file as an answer, under this name.
    pub fn answer(self, name: &str) -> Answer {
        Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
            .body(self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pge_2_cells_are_quoted_and_never_formulas() {
        let mut csv = Csv::new(&["Name", "E-mail"]);
        csv.row(["=HYPERLINK(\"http://evil.example\")", "a\"b,c"]);
        csv.row(["-1", "@x"]);
        assert_eq!(
            csv.text,
            "\u{FEFF}\"Name\",\"E-mail\"\r\n\"'=HYPERLINK(\"\"http://evil.example\"\")\",\"a\"\"b,c\"\r\n\"'-1\",\"'@x\"\r\n"
        );
    }
}
