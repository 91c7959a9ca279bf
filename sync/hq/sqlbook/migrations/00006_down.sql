-- +goose Up
CREATE TABLE down (
    terminal BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    raw      TEXT   NOT NULL,
    PRIMARY KEY (terminal, seq),
    CHECK (terminal > 0),
    CHECK (seq > 0)
);

CREATE TABLE office (
    epoch TEXT   NOT NULL,
    seq   BIGINT NOT NULL,
    wall  BIGINT NOT NULL,
    kind  TEXT   NOT NULL,
    body  TEXT   NOT NULL,
    PRIMARY KEY (epoch, seq),
    CHECK (seq > 0)
);
