// Package keyfile keeps keys and other secrets in small files, for their owner
// only and whole: a power cut leaves the file before or the one after.
package keyfile

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Secret returns the bytes kept in a file as hex, made at the first start
// and for its owner only.
func Secret(path string, size int, random io.Reader) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err == nil {
		secret, err := hex.DecodeString(strings.TrimSpace(string(raw)))
		if err != nil || len(secret) != size {
			return nil, fmt.Errorf("key file %s is damaged: it must hold %d hex digits", path, 2*size)
		}
		return secret, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	secret := make([]byte, size)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	return secret, Write(path, []byte(hex.EncodeToString(secret)+"\n"))
}

// Write puts a file in place so that a power cut leaves all or nothing.
func Write(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Signing returns the signing key of which a file keeps the seed, made at the
// first start.
func Signing(path string, random io.Reader) (ed25519.PrivateKey, error) {
	seed, err := Secret(path, ed25519.SeedSize, random)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Existing returns a signing key that must be there.
func Existing(path string) (ed25519.PrivateKey, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return Signing(path, nil)
}

// Ring is Signing and Former.
func Ring(path string, random io.Reader) (key ed25519.PrivateKey, former []ed25519.PrivateKey, err error) {
	if key, err = Signing(path, random); err == nil {
		former, err = Former(path)
	}
	return key, former, err
}

// Former returns the signing keys that were in a file before the one that is, the
// oldest first: they lie beside it under numbers from 1.
func Former(path string) (keys []ed25519.PrivateKey, err error) {
	for {
		name := fmt.Sprintf("%s.%d", path, len(keys)+1)
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return keys, nil
		}
		key, err := Existing(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
}

// Follow puts a new signing key in the place of the one in a file, which is kept
// beside it. Cut off in the middle it leaves the one before in force, and may be
// tried again.
func Follow(path string, random io.Reader) (ed25519.PublicKey, error) {
	key, err := Existing(path)
	if err != nil {
		return nil, err
	}
	former, err := Former(path)
	if err != nil {
		return nil, err
	}
	if n := len(former); n == 0 || !former[n-1].Equal(key) {
		if err := Write(fmt.Sprintf("%s.%d", path, n+1), []byte(hex.EncodeToString(key.Seed())+"\n")); err != nil {
			return nil, err
		}
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), Write(path, []byte(hex.EncodeToString(seed)+"\n"))
}
