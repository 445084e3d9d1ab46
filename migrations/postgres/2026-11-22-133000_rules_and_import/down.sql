DROP TABLE user_imports;
DROP TABLE rule_touched;
DROP TABLE rule_changes;
DROP TABLE rule_followers;
