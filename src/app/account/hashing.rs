//! Hashing of passwords: argon2id with 19 MiB, two passes, one lane.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::app::AppError;
use crate::kernel::secret;
use crate::store::StoreError;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many passwords are hashed at a time. Each takes a processor and 19 MiB for some 30 ms; a flood of
/// sign-ins waits here instead of starving every other page.
static PERMITS: Semaphore = Semaphore::const_new(2);

/// Hash of a password that nobody has, for accounts that do not exist: the answer takes as long as for one that
/// does (SPEC SES-1).
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| {
    let random = secret::random_bytes::<32>().ok()?;
    hash_now(&secret::hex(&random)).ok()
});

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> AppError {
    StoreError::Unavailable(format!("the password could not be hashed: {error}")).into()
}

/// Hashes a password, right here: for commands and for filling a database. Servers use [`hash`].
pub fn hash_now(password: &str) -> Result<String, AppError> {
    let salt = secret::random_bytes::<16>()?;
    let hash: PasswordHash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> Result<bool, AppError> {
    let hash = PasswordHash::new(hash).map_err(failed)?;
    Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Hashes a password.
pub async fn hash(password: String) -> Result<String, AppError> {
    on_the_side(move || hash_now(&password)).await
}

/// Is it the password of this hash? Without a hash the answer is no, after the same work.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, AppError> {
    on_the_side(move || match hash {
        Some(hash) => verify_now(&password, &hash),
        None => {
            if let Some(nobody) = NOBODY.as_deref() {
                verify_now(&password, nobody)?;
            }
            Ok(false)
        }
    })
    .await
}

/// Was the hash made with other parameters than today's?
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

async fn on_the_side<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let permit = PERMITS.acquire().await.map_err(failed)?;
    let done = tokio::task::spawn_blocking(move || {
        // The permit goes with the work: a browser that hangs up does not make room for one hash more.
        let _permit = permit;
        work()
    })
    .await;
    done.map_err(failed)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ses_1_passwords_are_kept_as_salted_argon2id() {
        let [a, b] = [(); 2].map(|()| hash_now("violet kettle harbour").unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{a}");
        assert_ne!(a, b, "each has its own salt");
        assert!(verify_now("violet kettle harbour", &a).unwrap());
        assert!(!verify_now("violet kettle harbouR", &a).unwrap());
        assert!(!is_outdated(&a));
        assert!(is_outdated(&a.replace("t=2", "t=1")));
    }

    #[test]
    fn ses_1_an_old_hash_still_verifies_so_that_it_can_be_replaced() {
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(b"violet kettle harbour", &[7; 16])
            .map(|h: PasswordHash| h.to_string())
            .unwrap();
        assert!(is_outdated(&old));
        assert!(verify_now("violet kettle harbour", &old).unwrap());
    }
}
