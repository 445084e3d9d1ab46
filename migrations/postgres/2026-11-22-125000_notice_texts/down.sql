ALTER TABLE notices DROP COLUMN text_problem;
DROP TABLE digests;
DROP TABLE notice_texts;
