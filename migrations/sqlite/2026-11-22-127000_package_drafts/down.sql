DROP TABLE package_drafts;
