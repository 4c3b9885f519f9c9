package gateway

import (
	"runtime"
	"runtime/debug"
)

// headroom is how many bytes may be allocated between two collections, however little is in use. By its share alone the heap of a gateway
// that holds few streams, some megabytes, would be collected after every few requests, which costs a tenth of their time.
const headroom = 24 << 20

// collect says by how much the heap may grow before it is collected, in per cent, and by headroom at least. That is so until the function
// that it returns is called.
func collect(percent int) (end func()) {
	debug.SetGCPercent(percent)
	if percent <= 0 {
		return func() {}
	}
	// The collector reckons from what is in use. This counts as such, and is no memory, because nobody ever writes to it.
	unused := make([]byte, headroom*100/percent)
	return func() { runtime.KeepAlive(unused) }
}
