-- What an approver allowed where that is less than was asked (SPEC APR-9).
ALTER TABLE votes ADD COLUMN allowed_start timestamptz;
ALTER TABLE votes ADD COLUMN allowed_end timestamptz;

-- What is usual for a package: its latest decisions (SPEC REQ-3).
CREATE INDEX requests_package_id_decided_at_idx ON requests (package_id, decided_at);
