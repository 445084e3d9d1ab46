//! Counts of requests, for `/metrics` (SPEC OPS-4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::kernel::Moment;
use crate::store::backlog::Queue;

/// Upper bounds of the duration classes, in milliseconds.
const BOUNDS: [u64; 9] = [5, 10, 25, 50, 100, 250, 500, 1000, 5000];

#[derive(Debug, Default, Clone)]
struct Series {
    count: u64,
    micros: u64,
    within: [u64; BOUNDS.len()],
}

/// Requests by method, route and status.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), Series>>,
}

impl Metrics {
    /// Counts one request. `route` is the pattern, never the path itself, which may hold a secret.
    pub fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests.entry((method.to_owned(), route.to_owned(), status)).or_default();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        series.count += 1;
        series.micros = series.micros.saturating_add(micros);
        for (bound, within) in BOUNDS.iter().zip(&mut series.within) {
            *within += u64::from(micros <= bound * 1000);
        }
    }

    /// A queue's gauges in the format of Prometheus.
    pub fn queue(what: &str, queue: &Queue, now: Moment) -> String {
        let name = format!("latchkey_{what}");
        let mut out = format!("# HELP {name} How many {what} are in this state.\n# TYPE {name} gauge\n");
        for (state, count) in &queue.counts {
            let _ = writeln!(out, r#"{name}{{state="{state}"}} {count}"#);
        }
        let late = queue.due_since.map_or(0, |since| (*now - *since).num_seconds().max(0));
        let _ = writeln!(out, "# HELP {name}_late_seconds How long the oldest one that is due has waited.");
        let _ = writeln!(out, "# TYPE {name}_late_seconds gauge\n{name}_late_seconds {late}");
        out
    }

    /// The counts in the format of Prometheus.
    pub fn text(&self) -> String {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let name = "latchkey_http_request_duration_seconds";
        let mut out =
            format!("# HELP {name} How long requests took, by route and status.\n# TYPE {name} histogram\n");
        for ((method, route, status), series) in &requests {
            let labels = format!(r#"method="{method}",route="{route}",status="{status}""#);
            for (bound, within) in BOUNDS.iter().zip(&series.within) {
                let le = std::time::Duration::from_millis(*bound).as_secs_f64();
                let _ = writeln!(out, r#"{name}_bucket{{{labels},le="{le}"}} {within}"#);
            }
            let _ = writeln!(out, r#"{name}_bucket{{{labels},le="+Inf"}} {}"#, series.count);
            let seconds = std::time::Duration::from_micros(series.micros).as_secs_f64();
            let _ = writeln!(out, "{name}_sum{{{labels}}} {seconds}");
            let _ = writeln!(out, "{name}_count{{{labels}}} {}", series.count);
        }
        out
    }
}
