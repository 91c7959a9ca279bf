-- +goose Up
INSERT INTO meta (name, value) VALUES ('version', '0')
ON CONFLICT (name) DO NOTHING;
