//! The HTTP server.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;

use super::state::WebState;

/// Serves the portal on this listener until it is stopped. Signals are the caller's.
pub fn serve(listener: TcpListener, state: WebState) -> std::io::Result<Server> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let server = HttpServer::new(move || super::app(state.clone()))
        .workers(workers)
        // A compressed page leaves in several small writes; waiting to join them costs 40 ms a page on a connection
        // whose client acknowledges late.
        .tcp_nodelay(true)
        .worker_max_blocking_threads(16)
        .client_request_timeout(Duration::from_secs(10))
        .keep_alive(Duration::from_mins(1))
        .shutdown_timeout(10)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}
