-- +goose Up
DROP TABLE account_settled;
