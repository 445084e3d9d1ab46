ALTER TABLE schedules DROP COLUMN every_seconds;
ALTER TABLE requests DROP COLUMN quiet;
DROP TABLE bulk_rows;
DROP TABLE bulk_works;
