DROP TABLE user_attribute_values;
DROP TABLE resource_attributes;
