-- Questions of resources, asked with every package that contains them, and what people answered (SPEC CAT-5).
CREATE TABLE resource_attributes (
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    editable_later INTEGER NOT NULL CHECK (editable_later IN (0, 1)),
    question TEXT NOT NULL,
    PRIMARY KEY (resource_id, name)
) STRICT;
CREATE INDEX resource_attributes_name_idx ON resource_attributes (name);

CREATE TABLE user_attribute_values (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    answer TEXT NOT NULL,
    request_id TEXT REFERENCES requests (id) ON DELETE SET NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT;
CREATE INDEX user_attribute_values_request_id_idx ON user_attribute_values (request_id);
