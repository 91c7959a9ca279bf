-- +goose Up
CREATE TABLE alarm (
    terminal BIGINT NOT NULL,
    ordinal  BIGINT NOT NULL,
    wall     BIGINT NOT NULL,
    code     TEXT   NOT NULL,
    detail   TEXT   NOT NULL,
    PRIMARY KEY (terminal, ordinal),
    CHECK (ordinal > 0)
);

CREATE TABLE quarantine (
    terminal BIGINT NOT NULL,
    ordinal  BIGINT NOT NULL,
    wall     BIGINT NOT NULL,
    why      TEXT   NOT NULL,
    raw      TEXT   NOT NULL,
    PRIMARY KEY (terminal, ordinal),
    CHECK (ordinal > 0)
);
