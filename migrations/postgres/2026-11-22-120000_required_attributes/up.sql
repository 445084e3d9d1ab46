-- Questions of resources, asked with every package that contains them, and what people answered (SPEC CAT-5).
CREATE TABLE resource_attributes (
    resource_id uuid NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    name text NOT NULL,
    position integer NOT NULL,
    editable_later boolean NOT NULL,
    question jsonb NOT NULL,
    PRIMARY KEY (resource_id, name)
);
CREATE INDEX resource_attributes_name_idx ON resource_attributes (name);

CREATE TABLE user_attribute_values (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    answer jsonb NOT NULL,
    request_id uuid REFERENCES requests (id) ON DELETE SET NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX user_attribute_values_request_id_idx ON user_attribute_values (request_id);
