package server

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatALogTellsIsWhatIsWrong(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "some.log")
	text := `{"time":"…","level":"DEBUG","msg":"handled before"}
{"time":"…","level":"WARN","msg":"relay interrupted"}
2026-03-01 10:00:00.000000+00:00 [info] <0.1.0> accepting AMQP connection
2026-03-01 10:00:01.000000+00:00 [error] <0.2.0> crashed
2026-03-01 10:00:02.000 UTC [7] LOG:  checkpoint starting
2026-03-01 10:00:03.000 UTC [7] FATAL:  terminating connection
panic: at the disco
`
	if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := `{"time":"…","level":"WARN","msg":"relay interrupted"}
2026-03-01 10:00:01.000000+00:00 [error] <0.2.0> crashed
2026-03-01 10:00:03.000 UTC [7] FATAL:  terminating connection
panic: at the disco`
	if diff := cmp.Diff(want, Telling(log)); diff != "" {
		t.Error(diff)
	}
}
