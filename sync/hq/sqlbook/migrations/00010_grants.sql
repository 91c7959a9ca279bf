-- +goose Up
CREATE TABLE grants (
    number BIGINT NOT NULL,
    raw    TEXT   NOT NULL,
    PRIMARY KEY (number),
    CHECK (number > 0)
);
