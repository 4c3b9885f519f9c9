package telemetry

import (
	"testing"

	"quadrille.dev/platform/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }
