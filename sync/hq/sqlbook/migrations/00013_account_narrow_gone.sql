-- +goose Up
DROP TABLE account_narrow;
