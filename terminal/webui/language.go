package webui

import (
	"net/http"
	"time"
)

const langCookie = "jifen-lang"

// Lang is the language of a browser: Chinese, unless it has been switched.
func (s *Server) Lang(r *http.Request) string {
	if c, err := r.Cookie(langCookie); err == nil && c.Value == "en" {
		return "en"
	}
	return "zh"
}

// Say gives a sentence of the catalogue.
func (s *Server) Say(lang, code string, values ...string) string {
	return s.o.Say(lang, code, values...)
}

func (s *Server) setLanguage(w http.ResponseWriter, r *http.Request) {
	fields, err := Fields(r, "lang")
	if err != nil {
		s.Reply(w, r, err)
		return
	}
	lang := "zh"
	if fields["lang"] == "en" {
		lang = "en"
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: lang, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	s.Reply(w, r, nil)
}
