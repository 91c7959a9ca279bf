-- +goose Up
CREATE TABLE state (
    terminal BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    value    TEXT   NOT NULL,
    PRIMARY KEY (terminal, name),
    CHECK (terminal > 0)
);
