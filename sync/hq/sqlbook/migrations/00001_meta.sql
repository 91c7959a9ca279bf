-- +goose Up
CREATE TABLE meta (
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
