package execute

import "context"

type bufferKey struct{}

// WithBuffer returns a context in which an operation's data is appended to a buffer, behind whatever is there already, and the response's
// Data is that part of it. Of the buffer nothing is read, and nothing is appended to it, once the response was handed over: then it is its
// owner's again, who uses it anew when the response was written. It is for operations that are answered once.
func WithBuffer(ctx context.Context, buffer *[]byte) context.Context {
	return context.WithValue(ctx, bufferKey{}, buffer)
}

// Buffer is where the data of ctx's operation is to be appended; nil if it needs memory of its own.
func Buffer(ctx context.Context) *[]byte {
	buffer, _ := ctx.Value(bufferKey{}).(*[]byte)
	return buffer
}
