-- Reminders before access ends (SPEC NOT-2), and what a request changes about access that somebody holds (REQ-7).
ALTER TABLE assignments ADD COLUMN remind_at TIMESTAMPTZ;
CREATE INDEX assignments_state_remind_at_idx ON assignments (state, remind_at);
ALTER TABLE requests ADD COLUMN changes TEXT CHECK (changes IN ('end', 'answers'));
-- Access from before: at its next round the sweep finds out when its reminders are due.
UPDATE assignments SET remind_at = starts_at WHERE ends_at IS NOT NULL AND state <> 'expired';
